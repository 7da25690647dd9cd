"""The bench's own words and sentences; a word is `{zh, en}` with its blanks `%1`, `%2`.

They stay beside the bench, as it is no part of a counter.
"""

from domain.messages import Language, text
from domain.money import format_amount
from terminal_app.screens.words.word import Word

WORDS: dict[str, Word] = {
    "title": {"zh": "设备台", "en": "Device bench"},
    "appTitle": {"zh": "饭票", "en": "Fanpiao"},
    "number": {"zh": "学工号", "en": "Number"},
    "subtitle": {
        "zh": "在这里扮演用餐者和各种意外；收款在旁边的窗口里",
        "en": "Play the diners and the accidents here; the till is in the other windows",
    },
    "language": {"zh": "EN", "en": "中文"},
    "quit": {"zh": "结束演示", "en": "End the demo"},
    # opening
    "doingFill": {"zh": "正在准备一个虚构的食堂…", "en": "Making up a canteen…"},
    "doingServer": {"zh": "正在启动服务器…", "en": "Starting the server…"},
    "doingCounter": {"zh": "正在启动收款窗口…", "en": "Starting the counter…"},
    "failed": {"zh": "演示无法继续", "en": "The demo cannot go on"},
    # money
    "counterSays": {"zh": "窗口记着", "en": "Counter says"},
    "booksSay": {"zh": "账上是", "en": "Books say"},
    "agree": {"zh": "一致", "en": "They agree"},
    "waiting": {
        "zh": "还有 %1 条记录在窗口等着上传",
        "en": "Records still waiting at the counter: %1",
    },
    "open": {
        "zh": "一笔收款正在进行或断电时未完成",
        "en": "A sale is open, or was when the power went",
    },
    "differ": {"zh": "%1 笔对不上！", "en": "Payments that do not match: %1"},
    "offNow": {"zh": "窗口已断电", "en": "The counter is off"},
    # whose hands
    "holder": {"zh": "现在轮到", "en": "In front of the counter"},
    "student": {"zh": "学生", "en": "Student"},
    "staff": {"zh": "教职工", "en": "Staff"},
    "guest": {"zh": "访客", "en": "Guest"},
    "balance": {"zh": "余额", "en": "Balance"},
    "pin": {"zh": "密码", "en": "PIN"},
    "cashierPin": {"zh": "收银员密码", "en": "Cashier's PIN"},
    "supervisorPin": {"zh": "主管密码", "en": "Supervisor's PIN"},
    # what is shown to the counter
    "show": {"zh": "出示", "en": "Present"},
    "faces": {"zh": "镜头前", "en": "Before the camera"},
    "accidents": {"zh": "意外", "en": "Accidents"},
    "more": {"zh": "其他", "en": "More"},
    "serve": {"zh": "替我登录并开始供餐", "en": "Sign in and serve for me"},
    "code": {"zh": "付款码", "en": "Show a code"},
    "channel": {"zh": "手机支付码", "en": "Payment app"},
    "card": {"zh": "刷一下卡", "en": "Tap a card"},
    "cardStays": {"zh": "卡放着不拿", "en": "Leave a card"},
    "cardGoes": {"zh": "拿走卡", "en": "Lift the card"},
    "face": {"zh": "刷脸", "en": "Show a face"},
    "walk": {"zh": "走过", "en": "Walk past"},
    "still": {"zh": "一直站着", "en": "Stand still"},
    "leave": {"zh": "走开", "en": "Step away"},
    "two": {"zh": "两张脸", "en": "Two faces"},
    "stranger": {"zh": "陌生人", "en": "A stranger"},
    "cutNetwork": {"zh": "断网", "en": "Cut the network"},
    "mendNetwork": {"zh": "接通网络", "en": "Mend the network"},
    "cutPower": {"zh": "断电", "en": "Cut the power"},
    "givePower": {"zh": "通电", "en": "Power on"},
    "takePaper": {"zh": "取走打印纸", "en": "Take the paper"},
    "putPaper": {"zh": "装上打印纸", "en": "Put paper in"},
    "unplugReader": {"zh": "拔掉读卡器", "en": "Unplug the reader"},
    "plugReader": {"zh": "插上读卡器", "en": "Plug the reader in"},
    "webcam": {"zh": "用我的摄像头", "en": "Use my own webcam"},
    "webcamOff": {"zh": "停用并删除我的脸", "en": "Stop, and erase my face"},
    # what to expect
    "noteCode": {
        "zh": "每按一次都是一张新的付款码；同一张码扫两遍只扣一次。",
        "en": "Every press shows a fresh code; the same one read twice is charged once.",
    },
    "noteChannel": {
        "zh": "这是模拟的支付渠道，没有真钱。",
        "en": "A simulated channel answers; no real money moves.",
    },
    "noteCard": {
        "zh": "放上卡，随即拿走。窗口未开始供餐时不会扣款。",
        "en": "The card is laid down and lifted. An unarmed counter charges nothing.",
    },
    "noteCardStays": {
        "zh": "放着的卡只扣一次，拿走之前不会再扣。",
        "en": "A card that lies there is charged once, and not again until it is lifted.",
    },
    "noteFace": {
        "zh": "认出后，请在收款窗口或顾客屏上按“确认”。",
        "en": "Once it is known, press Confirm on the cashier's or the diner's screen.",
    },
    "noteWalk": {
        "zh": "路过的人从不扣款，哪怕看得清脸。",
        "en": "Whoever walks past is never charged, however sharp the picture.",
    },
    "noteStill": {
        "zh": "一直站着也只问一次；不确认就不扣款。",
        "en": "Standing there is asked about once; without a confirmation nothing is charged.",
    },
    "noteTwo": {
        "zh": "两张脸都在时不认任何人：请一位一位来。",
        "en": "With two faces there, nobody is taken: one at a time.",
    },
    "noteStranger": {
        "zh": "没有登记过的脸不会被当成别人。",
        "en": "A face that never enrolled is taken for nobody.",
    },
    "noteCut": {
        "zh": "服务器够不着了。刷卡、扫码、现金照常收；记录在窗口排队。",
        "en": "The server is out of reach. Cards, codes and cash go on; records queue here.",
    },
    "noteMend": {
        "zh": "接通了：排队的记录正在上传，两边会重新一致。",
        "en": "Mended: what waits is handed over, and both sides agree again.",
    },
    "notePower": {
        "zh": "进程已被杀掉（kill -9）。通电后从同一个文件夹恢复。",
        "en": "The process was killed (kill -9). Power on: it recovers from the same folder.",
    },
    "notePowerOn": {
        "zh": "正在启动，并核对断电前的收款；收银员要重新登录。",
        "en": "Starting, and settling what was open. The cashier signs in again.",
    },
    "notePaperOut": {
        "zh": "没有纸也照常收款；小票等纸装上再打。",
        "en": "Sales go on without paper; receipts wait until there is some.",
    },
    "notePaper": {"zh": "有纸了。", "en": "There is paper."},
    "noteReaderOut": {
        "zh": "读卡器不见了；其他方式照常。",
        "en": "The reader is gone; every other way to pay goes on.",
    },
    "noteReader": {"zh": "读卡器回来了。", "en": "The reader is back."},
    "noteNoFace": {
        "zh": "这位没有登记人脸，换一位再试。",
        "en": "This person enrolled no face; choose another.",
    },
    "noteOff": {"zh": "窗口没有通电。", "en": "The counter has no power."},
    # what happened
    "happened": {"zh": "发生了什么", "en": "What happened"},
    "nothingYet": {"zh": "还没有", "en": "Nothing yet"},
    "saidApproved": {"zh": "已付 %1", "en": "Paid %1"},
    "saidAlone": {"zh": "离线已付 %1", "en": "Paid %1 without the server"},
    "saidDeclined": {"zh": "未付", "en": "Not paid"},
    "saidConfirm": {"zh": "认出了人，等确认", "en": "Somebody is known; waiting for Confirm"},
    "saidFactor": {"zh": "请输入密码", "en": "The PIN is asked for"},
    "saidReversed": {"zh": "已退回 %1", "en": "%1 was given back"},
    "saidOffline": {"zh": "窗口发现断网", "en": "The counter noticed: no server"},
    "saidOnline": {"zh": "窗口又连上服务器", "en": "The counter reached the server again"},
    "saidRecover": {"zh": "正在恢复断电前的收款", "en": "Recovering what was open"},
    "saidUp": {"zh": "收款窗口已启动", "en": "The counter is up"},
    "saidOff": {"zh": "收款窗口断电", "en": "The counter has lost its power"},
    "saidServing": {"zh": "开始供餐", "en": "Serving"},
    # the guided start
    "guide": {"zh": "三十秒入门", "en": "Thirty seconds"},
    "guide1": {
        "zh": "开始供餐：在收款窗口输入密码 135790，核对后开始，再按“开始供餐”。",
        "en": "Serve: type the PIN 135790 in the cashier's window, accept the day, press Serve.",
    },
    "guide2": {"zh": "刷一下卡，看两个窗口。", "en": "Tap a card, and watch both windows."},
    "guide3": {
        "zh": "刷脸，再按“确认”。",
        "en": "Show a face, then press Confirm at the counter.",
    },
    "guide4": {
        "zh": "断网，再刷一次卡：照样收款，记录在排队。",
        "en": "Cut the network and tap again: it still sells, and the record waits.",
    },
    "guide5": {
        "zh": "就是这样。接通网络，看两边重新一致；然后随便玩。",
        "en": "That is it. Mend the network, see both sides agree, then try anything.",
    },
    "guideDo": {"zh": "替我做", "en": "Do it for me"},
    "guideSkip": {"zh": "跳过", "en": "Skip"},
    "guideEnd": {"zh": "好", "en": "Done"},
    # the own webcam
    "webcamAsk": {"zh": "同意，打开摄像头", "en": "I agree, open the camera"},
    "webcamNo": {"zh": "不同意", "en": "No"},
    "webcamErase": {
        "zh": "只在这台电脑上；您停用或结束演示时，脸部数据和整个演示文件夹一起删除。",
        "en": "On this computer only: erased with the demo's whole folder when you stop or end it.",
    },
    "webcamOpening": {"zh": "正在打开摄像头…", "en": "Opening the camera…"},
    "webcamPosing": {"zh": "请看着摄像头", "en": "Look at the camera"},
    "webcamSending": {"zh": "正在登记…", "en": "Enrolling…"},
    "webcamOn": {
        "zh": "已登记为“%1”，收款窗口在用您的摄像头。站到镜头前付款试试。",
        "en": "Enrolled as “%1”; the counter uses your camera. Stand before it and pay.",
    },
    "webcamNone": {
        "zh": "这台电脑上没有可用的摄像头。",
        "en": "There is no camera on this computer.",
    },
    "close": {"zh": "关闭", "en": "Close"},
}


def word(name: str, language: Language, blank: str = "…") -> str:
    """A bench word with its blank filled, or the sentence of a dotted code."""
    if name in WORDS:
        return WORDS[name][language].replace("%1", blank)
    return text(name, {}, language)


def blank(amount: int | None) -> str:
    """What fills a word's blank: an amount of fen written out, or an ellipsis."""
    return "…" if amount is None else format_amount(amount)
