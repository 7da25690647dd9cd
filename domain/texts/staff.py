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
        "zh": "密码不合要求（{detail}），请换一个。",
        "en": "This password will not do ({detail}); choose another one.",
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
    "staff.merchant_place": {
        "zh": "“商户”角色要选择一家未关闭的商户；其他角色请选择机构或校区。",
        "en": (
            "The role merchant is granted for a merchant that is not closed; every other role "
            "for an organisation or a site."
        ),
    },
    "staff.merchant_alone": {
        "zh": "商户的账号不能同时担任内部角色，请为商户另开一个账号。",
        "en": "A merchant's account holds no other role; open an account of its own for it.",
    },
    "staff.reason_missing": {
        "zh": "请写明原因；原因会记入日志。",
        "en": "Say why; the reason goes into the log.",
    },
    "first_run.not_yours": {
        "zh": "首次设置已在另一个浏览器中进行。若不是您本人，请重启服务器，使用它打印的新链接。",
        "en": (
            "The first run goes on in another browser. If that is not you, restart the server "
            "and open the new link it prints."
        ),
    },
    "first_run.used": {
        "zh": "此链接已用过或已被新链接取代。若不是您本人用的，请重启服务器，使用它打印的新链接。",
        "en": (
            "This link was used already, or a newer one replaced it. If it was not you, restart "
            "the server and open the new link it prints."
        ),
    },
    "first_run.expired": {
        "zh": "此链接已过期。请重启服务器，使用它打印的新链接。",
        "en": "This link has expired. Restart the server and open the new link it prints.",
    },
    "first_run.done": {
        "zh": "首次设置已完成，请直接登录。",
        "en": "The first run is done; sign in instead.",
    },
    "first_run.name_missing": {
        "zh": "请填写名称。",
        "en": "Enter a name.",
    },
    "first_run.bad_zone": {
        "zh": "没有“{zone}”这个时区，请填写如 Asia/Shanghai。",
        "en": "There is no time zone {zone}; enter one such as Asia/Shanghai.",
    },
    "first_run.no_price": {
        "zh": "请至少为一餐填写价格。",
        "en": "Give at least one meal a price.",
    },
    "first_run.no_list": {
        "zh": "请选择表格文件，或改用示例人员。",
        "en": "Choose a spreadsheet, or take the sample people.",
    },
    "first_run.list_wrong": {
        "zh": "表格中有 {count} 处错误，未导入。第一处：第 {row} 行“{column}”列的“{value}”。",
        "en": (
            "The list has {count} mistakes and nothing was imported. The first: row {row}, "
            "column {column}, “{value}”."
        ),
    },
    "terminals.unknown_profile": {
        "zh": "没有“{profile}”这种窗口类型，请从列表中选择。",
        "en": "There is no kind of counter called {profile}; choose one from the list.",
    },
    "cases.money_lies_there": {
        "zh": "这件事的款项还没有着落，不能直接关闭；请申请了结，由同事审批。",
        "en": "Money of this case still lies open; ask for its end, which a colleague approves.",
    },
    "cases.no_resolution": {
        "zh": "请选择处理结果。",
        "en": "Choose what you found.",
    },
    "records.no_decision": {
        "zh": "请选择如何处理这条记录。",
        "en": "Choose what to do with this record.",
    },
}
