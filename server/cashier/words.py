"""What a payer reads on the page behind the counter's code: labels and short sentences."""

from collections.abc import Mapping
from typing import Final

from domain.messages import Language
from domain.texts.text import Text

WORDS: Final[Mapping[str, Text]] = {
    "pay": {"zh": "付款", "en": "Pay"},
    "loading": {"zh": "正在打开订单……", "en": "Opening the order…"},
    "choose": {"zh": "请选择付款方式", "en": "Choose how to pay"},
    "wechat": {"zh": "微信支付", "en": "WeChat Pay"},
    "alipay": {"zh": "支付宝", "en": "Alipay"},
    "unionpay": {"zh": "云闪付 / 银联", "en": "UnionPay"},
    "bank": {"zh": "银行 App", "en": "Bank app"},
    "open": {"zh": "在 App 中付款", "en": "Pay in the app"},
    "scan": {"zh": "或用另一部手机扫描", "en": "Or scan it with another phone"},
    "waiting": {"zh": "等待付款", "en": "Waiting for the payment"},
    "paid": {"zh": "已付款", "en": "Paid"},
    "over": {
        "zh": "本单已结束，如已扣款会原路退回。",
        "en": "This order is over; anything that was taken goes back.",
    },
    "declined": {
        "zh": "未付款成功，请收银员刷新二维码后再试。",
        "en": "It was not paid; ask the cashier for a new code and try again.",
    },
    "checking": {
        "zh": "正在核对，请看收银台的结果。",
        "en": "This is being checked; see what the counter says.",
    },
    "no_line": {
        "zh": "连接不上，正在重试。是否付成请以收银台为准。",
        "en": "No connection, trying again. Whether it is paid, the counter says.",
    },
    "no_way": {
        "zh": "这里暂时收不了扫码付款，请向收银员出示付款码。",
        "en": "This cannot be paid by scanning right now; show the cashier your payment code.",
    },
    "other_app": {
        "zh": "这里不收当前 App，请选择其他方式",
        "en": "This app is not taken here; choose another way",
    },
    "script": {
        "zh": "请开启浏览器的 JavaScript，或向收银员出示付款码。",
        "en": "Turn JavaScript on, or show the cashier your payment code.",
    },
    "keep": {"zh": "请以收银台的显示为准", "en": "The counter shows it too"},
}


def words(spoken: Language) -> dict[str, str]:
    """Return every word of the page in one language, by name."""
    return {name: said[spoken] for name, said in WORDS.items()}
