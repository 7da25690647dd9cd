"""Texts: devices and drivers."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "devices.absent": {
        "zh": "找不到设备 {name}，请检查连线。",
        "en": "{name} is not there; check its cable.",
    },
    "devices.lost": {
        "zh": "设备 {name} 已断开，请检查连线，接好后自动恢复。",
        "en": "{name} was lost; check its cable, it comes back by itself.",
    },
    "devices.busy": {
        "zh": "设备 {name} 被其他程序占用，请关闭该程序。",
        "en": "{name} is in use by another program; close that program.",
    },
    "devices.no_permission": {
        "zh": "没有使用设备 {name} 的权限，请运行 fanpiao doctor。",
        "en": "There is no permission to use {name}; run fanpiao doctor for the line to add.",
    },
    "devices.silent": {
        "zh": "设备 {name} 没有响应，请重新插拔。",
        "en": "{name} does not answer; unplug it and plug it in again.",
    },
    "devices.protocol": {
        "zh": "设备 {name} 的数据无法读取，请检查型号和速率。",
        "en": "What {name} sends cannot be read; check model and speed.",
    },
    "devices.settings": {
        "zh": "设备 {name} 的设置有误，请检查配置文件。",
        "en": "The settings of {name} are wrong; check the profile.",
    },
    "devices.defect": {
        "zh": "设备 {name} 的驱动出错，已重新启动，请告知技术人员。",
        "en": "The driver of {name} made a mistake and is started again; tell a technician.",
    },
    "devices.no_service": {
        "zh": "读卡服务未运行，请启动 pcscd。",
        "en": "The card service is not running; start pcscd.",
    },
    "devices.no_window": {
        "zh": "设备 {name} 需要收银界面在前台，请打开收银界面。",
        "en": "{name} types into the counter's window, and there is none; open it.",
    },
    "devices.unsupported": {
        "zh": "暂不支持设备 {name}。",
        "en": "{name} is not supported.",
    },
    "devices.no_sound": {
        "zh": "没有可用的扬声器，收款照常，请留意屏幕。",
        "en": "There is no loudspeaker; sales go on, please watch the screen.",
    },
    "fonts.missing": {
        "zh": "缺少字形 {letters}，屏幕无法显示，请安装 {package}。",
        "en": "These letters cannot be drawn: {letters}; install {package}.",
    },
    "screens.none": {
        "zh": "这里没有屏幕，请在有显示器的机器上运行，或加 --headless、--json。",
        "en": "There is no screen here; run it where one is, or with --headless or --json.",
    },
    "printers.no_paper": {
        "zh": "打印机缺纸，请装纸；收款不受影响。",
        "en": "The printer is out of paper; refill it, sales go on.",
    },
    "printers.paper_low": {
        "zh": "打印机纸将用完，请备好纸卷。",
        "en": "The printer's paper is nearly used up; have a new roll ready.",
    },
    "printers.cover_open": {
        "zh": "打印机盖未合上，请合上；收款不受影响。",
        "en": "The printer's cover is open; close it, sales go on.",
    },
    "printers.no_font": {
        "zh": "缺少中文字体，无法打印小票，请安装 fonts-noto-cjk。",
        "en": "There is no font with Chinese; install fonts-noto-cjk to print receipts.",
    },
    "cameras.no_frames": {
        "zh": "摄像头没有画面，请检查连线；可刷卡或扫码。",
        "en": "The camera gives no picture; check its cable. Cards and codes work.",
    },
    "cameras.no_capture": {
        "zh": "{name} 不是摄像头的画面接口，请改用 /dev/v4l/by-path 中以 index0 结尾的路径。",
        "en": "{name} gives no picture; name the path under /dev/v4l/by-path that ends in index0.",
    },
    "trials.scan": {
        "zh": "请随便扫一个码。",
        "en": "Scan any code.",
    },
    "trials.tap": {
        "zh": "请随便刷一张卡。",
        "en": "Tap any card.",
    },
    "trials.look": {
        "zh": "请看一下摄像头。",
        "en": "Look at the camera.",
    },
    "trials.press": {
        "zh": "请按一下它的任意键。",
        "en": "Press any key of it.",
    },
    "trials.weigh": {
        "zh": "请在秤上放一件东西。",
        "en": "Put anything on the scale.",
    },
    "trials.print": {
        "zh": "看到打印机出纸后，请确认。",
        "en": "Say whether the printer printed.",
    },
    "trials.receipt": {
        "zh": "这是一张试打印的小票。",
        "en": "This is a trial receipt.",
    },
    "trials.open": {
        "zh": "看到钱箱打开后，请确认。",
        "en": "Say whether the drawer opened.",
    },
    "trials.listen": {
        "zh": "听到提示音后，请确认。",
        "en": "Say whether you heard the tone.",
    },
    "images.unreadable": {
        "zh": "图片 {name} 无法读取，请换一张。",
        "en": "The picture {name} cannot be read; try another.",
    },
    "images.not_a_picture": {
        "zh": "不是可读的图片，请换一张。",
        "en": "This is not a picture that can be read; try another.",
    },
    "images.missing": {
        "zh": "没有这个文件，请核对路径。",
        "en": "There is no such file; check the path.",
    },
    "images.folder": {
        "zh": "这是文件夹，请给出里面的图片，如 文件夹/*.jpg。",
        "en": "This is a folder; name the pictures in it, like folder/*.jpg.",
    },
    "images.too_large": {
        "zh": "文件超过 {limit_mb} MB，请换一张小一些的图片。",
        "en": "The file is larger than {limit_mb} MB; take a smaller picture.",
    },
    "images.no_permission": {
        "zh": "没有读取这个文件的权限，请换用它的所有者运行。",
        "en": "The file may not be read; run as its owner, or change its permissions.",
    },
}
