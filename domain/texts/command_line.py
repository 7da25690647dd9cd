"""Texts: what the command line says of files, ports and its own parts."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "cli.command_missing": {
        "zh": "命令“{command}”的组成部分没有装好（缺 {module}），请运行 script/setup。",
        "en": "A part of the command '{command}' is not installed ({module}); run script/setup.",
    },
    "cli.disk_full": {
        "zh": "磁盘已满，请清出空间后再试。",
        "en": "The disk is full; free some space and run this again.",
    },
    "cli.no_permission": {
        "zh": "没有权限访问 {path}，请换用它的所有者运行，或改变它的所有者。",
        "en": "There is no permission for {path}; run as its owner, or change its owner.",
    },
    "cli.address_in_use": {
        "zh": "这个端口已被占用，请停掉另一个程序，或换一个端口。",
        "en": "The port is taken; stop the other program, or choose another port.",
    },
    "cli.no_file": {
        "zh": "没有这个文件：{path}。",
        "en": "There is no such file: {path}.",
    },
}
