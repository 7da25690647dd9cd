"""Words of both sides: ways to pay, states of a sale, devices."""

from terminal_app.screens.words.word import Word

WORDS: dict[str, Word] = {
    "appName": {"zh": "饭票", "en": "Fanpiao"},
    "language": {"zh": "EN", "en": "中文"},
    "seconds": {"zh": "%1 秒", "en": "%1 s"},
    # ways to pay
    "card": {"zh": "刷卡", "en": "Card"},
    "code": {"zh": "扫码", "en": "Code"},
    "face": {"zh": "刷脸", "en": "Face"},
    "number": {"zh": "报号", "en": "Number"},
    "cash": {"zh": "现金", "en": "Cash"},
    "on_account": {"zh": "挂账", "en": "On account"},
    "wallet_code": {"zh": "付款码", "en": "Code"},
    "channel_code": {"zh": "手机付款码", "en": "Phone code"},
    "payee_code": {"zh": "扫码收款", "en": "Code shown"},
    # what a shift counts besides
    "cancellation": {"zh": "取消，未收款", "en": "Cancelled, nothing taken"},
    # how a sale stands
    "approved": {"zh": "已付", "en": "Paid"},
    "awaiting": {"zh": "待确认", "en": "Waiting"},
    "cancelling": {"zh": "撤销中", "en": "Undoing"},
    "reversed": {"zh": "已退回", "en": "Returned"},
    "declined": {"zh": "未付", "en": "Not paid"},
    # devices
    "scanner": {"zh": "扫码器", "en": "Scanner"},
    "card_reader": {"zh": "读卡器", "en": "Card reader"},
    "camera": {"zh": "摄像头", "en": "Camera"},
    "printer": {"zh": "打印机", "en": "Printer"},
    "scale": {"zh": "电子秤", "en": "Scale"},
    "drawer": {"zh": "钱箱", "en": "Drawer"},
    "trigger": {"zh": "触发器", "en": "Trigger"},
    "speaker": {"zh": "扬声器", "en": "Speaker"},
    "deviceReady": {"zh": "正常", "en": "Ready"},
    "deviceLost": {"zh": "断开", "en": "Lost"},
    "deviceOther": {"zh": "启动中", "en": "Starting"},
    # categories; the organisation's own are shown as they are
    "category_visitor": {"zh": "访客", "en": "Visitor"},
    "category_employee": {"zh": "员工", "en": "Employee"},
    # between people
    "confirm": {"zh": "确认", "en": "Confirm"},
    "cancel": {"zh": "取消", "en": "Cancel"},
    "notMe": {"zh": "不是我", "en": "Not me"},
    "practice": {"zh": "练习 · 不收款", "en": "Practice · no money"},
}
