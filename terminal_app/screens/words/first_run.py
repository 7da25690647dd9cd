"""Words of a new terminal's first run."""

from terminal_app.screens.words.word import Word

WORDS: dict[str, Word] = {
    "newTerminal": {"zh": "新终端", "en": "New terminal"},
    "setupScan": {"zh": "请扫描激活码", "en": "Scan your activation code"},
    "setupScanText": {
        "zh": "在后台打开“终端”页，把本机的二维码对准扫码器或摄像头",
        "en": "Open Terminals in the console, and hold this machine's code to scanner or camera",
    },
    "setupScanCamera": {
        "zh": "在后台打开“终端”页，把本机的二维码对准摄像头，约一掌远",
        "en": "Open Terminals in the console, and hold this machine's code a hand from the camera",
    },
    "setupNoScan": {
        "zh": "扫码器和摄像头都没有连上：请检查连线，或手动输入",
        "en": "No scanner or camera is there: check the cables, or type it",
    },
    "setupType": {"zh": "手动输入", "en": "Type it instead"},
    "setupScanInstead": {"zh": "改用扫码", "en": "Scan it instead"},
    "setupTyped": {"zh": "输入激活码和服务器地址", "en": "The code and the server's address"},
    "setupTypedText": {
        "zh": "两项都写在二维码旁边",
        "en": "Both are written beside the code",
    },
    "setupCode": {"zh": "激活码", "en": "Activation code"},
    "setupServer": {"zh": "服务器地址", "en": "The server's address"},
    "setupBind": {"zh": "激活", "en": "Activate"},
    "setupAsking": {"zh": "正在连接服务器", "en": "Asking the server"},
    "setupAskingText": {"zh": "请稍候：%1", "en": "One moment: %1"},
    "setupChecks": {"zh": "逐个试设备", "en": "Try each device"},
    "setupChecksText": {
        "zh": "做完一项就打勾；暂时没有的可以跳过",
        "en": "Each is ticked as it works; leave out what is not there",
    },
    "setupBound": {"zh": "已绑定", "en": "Bound"},
    "setupPractice": {
        "zh": "接下来：收银员输入密码，先练习一笔，不动钱",
        "en": "Next: a cashier's PIN and a practice sale; no money moves",
    },
    "setupDesk": {
        "zh": "接下来：登记员输入密码，开始登记",
        "en": "Next: the enrolment clerk's PIN, then the first person",
    },
    "setupGo": {"zh": "完成，开始使用", "en": "Done, go on"},
    "setupGoAnyway": {"zh": "跳过其余 %1 项，开始使用", "en": "Leave out %1, go on"},
    "setupDone": {"zh": "正在启动", "en": "Starting"},
    "check_scan": {"zh": "扫一个码", "en": "Scan any code"},
    "check_tap": {"zh": "刷一张卡", "en": "Tap any card"},
    "check_look": {"zh": "看一下摄像头", "en": "Look at the camera"},
    "check_print": {"zh": "打印一页", "en": "Print a page"},
    "check_sound": {"zh": "听一声提示音", "en": "Hear a tone"},
    "check_waiting": {"zh": "等待", "en": "Waiting"},
    "check_ok": {"zh": "正常", "en": "Works"},
    "check_skipped": {"zh": "已跳过", "en": "Left out"},
    "check_failed": {"zh": "没成功", "en": "Failed"},
    "check_lost": {"zh": "未连接", "en": "Not there"},
    "checkSkip": {"zh": "跳过", "en": "Leave out"},
    "checkPrint": {"zh": "打印", "en": "Print"},
    "checkPlay": {"zh": "播放", "en": "Play"},
    "checkHeard": {"zh": "听到了", "en": "I heard it"},
}
