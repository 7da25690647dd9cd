"""What the console's pages about channels and their orders refuse."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "channels.not_here": {
        "zh": "本进程没有打开支付渠道，请在运行中的服务器上操作。",
        "en": "This process opens no channels; use the console of the running server.",
    },
    "channels.cannot_open": {
        "zh": "渠道账户无法打开（{why}），请补全或更正设置。",
        "en": "The channel cannot be opened ({why}); complete or correct its settings.",
    },
    "channels.unknown_provider": {
        "zh": "没有“{provider}”这个选项，请从列表中选择。",
        "en": "There is no “{provider}”; choose one of the list.",
    },
    "channels.bad_name": {
        "zh": "名称须以小写字母开头，只含小写字母、数字、- 和 _，最多 32 个字符。",
        "en": "A name begins with a small letter and has small letters, digits, - and _ only, "
        "32 at most.",
    },
    "channels.name_taken": {
        "zh": "已有名为“{name}”的渠道，请换一个名称。",
        "en": "There is a channel named “{name}” already; choose another name.",
    },
    "channels.environment_used": {
        "zh": "渠道“{name}”已有交易，不能改变环境，请另建一个渠道。",
        "en": "“{name}” has been used and keeps its environment; add another channel.",
    },
    "channels.too_long": {
        "zh": "设置“{name}”太长，请检查是否贴错了内容。",
        "en": "The setting “{name}” is too long; look whether the right text was pasted.",
    },
    "channels.bad_host": {
        "zh": "主机地址无效，应以 https:// 开头。",
        "en": "The host is no address; it begins with https://.",
    },
    "orders.definite": {
        "zh": "这笔付款已有定论，无需再操作，请看下面的记录。",
        "en": "This payment is definite and there is nothing left to do; see its history.",
    },
    "orders.too_much": {
        "zh": "现在最多可退 {left_amount}，请更正金额。",
        "en": "At most {left_amount} can be refunded now; correct the amount.",
    },
    "approvals.refund": {
        "zh": "超过限额的退款，请核对付款后批准或驳回。",
        "en": "A refund above the limit: check the payment, then approve it or turn it down.",
    },
    "channels.not_confirmed": {
        "zh": "这会影响真实资金：请再看一遍，并输入渠道名称“{name}”确认。",
        "en": "This touches real money: look again, and type the channel's name “{name}” to "
        "confirm.",
    },
}
