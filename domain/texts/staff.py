"""Texts: members of staff in the console, their sign-in and roles."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "staff.wrong_password": {
        "zh": "用户名或密码不正确，请重新输入。",
        "en": "That name and password do not belong together; try again.",
    },
    "staff.wrong_code": {
        "zh": "验证码不正确或已用过，请等下一个验证码再试。",
        "en": "That code is wrong or was used already; wait for the next one and try again.",
    },
    "staff.too_many_tries": {
        "zh": "尝试次数过多，请等待 {seconds} 秒后再试。",
        "en": "Too many wrong tries; wait {seconds} seconds and try again.",
    },
    "staff.name_taken": {
        "zh": "用户名 {name} 已被使用，请换一个。",
        "en": "The name {name} is taken; choose another one.",
    },
    "staff.bad_name": {
        "zh": "用户名应为 2 至 64 个字母、数字或 . _ - @ 符号。",
        "en": "A name has 2 to 64 letters, digits or . _ - @ signs.",
    },
    "staff.weak_password": {
        "zh": "密码不合要求：{detail}",
        "en": "This password will not do: {detail}",
    },
    "staff.beyond_reach": {
        "zh": "只能在您自己的机构和区域内授予角色。",
        "en": "You can grant roles only within your own organisation and sites.",
    },
    "staff.last_administrator": {
        "zh": "这是最后一位管理员；请先指定另一位管理员。",
        "en": "This is the last administrator; grant the role to somebody else first.",
    },
    "staff.not_yourself": {
        "zh": "不能对自己执行此操作；请由另一位管理员处理。",
        "en": "Not for your own account; ask another administrator.",
    },
    "staff.granted_already": {
        "zh": "此人已有该角色。",
        "en": "This person has the role already.",
    },
    "staff.reason_missing": {
        "zh": "请写明原因；原因会记入日志。",
        "en": "Say why; the reason goes into the log.",
    },
}
