"""Texts: what a diner reads when a payment is not made. None tells a balance or a reason aloud."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "diners.see_phone": {
        "zh": "未扣款。请看手机，或换一种方式付款。",
        "en": "Nothing was charged. Please see your phone, or pay another way.",
    },
    "diners.other_way": {
        "zh": "未扣款。请换一种方式付款。",
        "en": "Nothing was charged. Please pay another way.",
    },
    "diners.ask_staff": {
        "zh": "未扣款。请向工作人员询问。",
        "en": "Nothing was charged. Please ask the staff.",
    },
    "diners.show_again": {
        "zh": "未扣款。请刷新付款码后再出示。",
        "en": "Nothing was charged. Please refresh your code and show it again.",
    },
    "diners.other_window": {
        "zh": "请到旁边窗口。",
        "en": "Please go to the next counter.",
    },
    "diners.one_moment": {
        "zh": "马上就好，请稍候。",
        "en": "It will be ready in a moment.",
    },
    "diners.be_sure": {
        "zh": "请确认是您本人。",
        "en": "Please show that it is you.",
    },
    "diners.cashier_confirms": {
        "zh": "请收银员确认。",
        "en": "The cashier will confirm.",
    },
    "diners.paid_before": {
        "zh": "您在 {at} 已付过本餐，请收银员确认。",
        "en": "You paid for this meal at {at}; the cashier will confirm.",
    },
    "diners.take_meal": {
        "zh": "请取餐。",
        "en": "Please take your meal.",
    },
    "diners.scan": {
        "zh": "打开任意支付应用扫一扫，核对金额后付款。",
        "en": "Scan it with any payment app, check the amount, then pay.",
    },
    "diners.scan_cut": {
        "zh": "如果已经付款，请不要再付，稍等网络恢复。",
        "en": "If you have paid, do not pay again; wait until the network is back.",
    },
    "diners.returned": {
        "zh": "钱已退回原处。",
        "en": "The money is back where it came from.",
    },
    "diners.cash_given": {
        "zh": "收现金 {given_amount}。",
        "en": "Received {given_amount}.",
    },
    "diners.cash_back": {
        "zh": "上一位：收现金 {given_amount}，找零 {change_amount}。",
        "en": "The diner before: received {given_amount}, change {change_amount}.",
    },
    "diners.counting": {
        "zh": "请稍候，正在点餐。",
        "en": "One moment, your meal is being added up.",
    },
    "diners.welcome": {
        "zh": "请稍候，马上开始供餐。",
        "en": "One moment, serving begins shortly.",
    },
    "diners.top_up_who": {
        "zh": "请刷卡，或出示付款码。",
        "en": "Please present your card or your code.",
    },
    "diners.top_up_refused": {
        "zh": "请取回您的现金。",
        "en": "Please take your cash back.",
    },
    "diners.top_up_waits": {
        "zh": "现金已收，稍后到账。",
        "en": "Your cash was taken; it will be added shortly.",
    },
    "diners.look": {
        "zh": "请正视镜头。",
        "en": "Please look here.",
    },
}
