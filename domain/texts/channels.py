"""What channels say: why a charge or refund was refused, why there is no bill, a self-test."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "channels.unreachable": {
        "zh": "连不上支付渠道，没有扣款，请检查网络或换一种方式。",
        "en": "The payment channel cannot be reached and nothing was charged; check the network or "
        "use another way to pay.",
    },
    "channels.misconfigured": {
        "zh": "支付渠道不接受本账户，没有扣款，请管理员做渠道自检。",
        "en": "The payment channel does not accept this account and charged nothing; ask an "
        "administrator to run the channel's self-test.",
    },
    "channels.busy": {
        "zh": "支付渠道请求太频繁，没有扣款，请稍后再扫。",
        "en": "The payment channel is asked too often and charged nothing; scan again shortly.",
    },
    "channels.code_expired": {
        "zh": "付款码已过期，请刷新后再出示。",
        "en": "The code has expired; refresh it and show it again.",
    },
    "channels.code_invalid": {
        "zh": "付款码无效，请刷新后再出示。",
        "en": "The code is not valid; refresh it and show it again.",
    },
    "channels.card_refused": {
        "zh": "不支持这张银行卡，请在手机上换一张卡再付。",
        "en": "This bank card is not taken; choose another card on the phone and pay again.",
    },
    "channels.limit": {
        "zh": "超过付款账户或商户的限额，请换一种方式付款。",
        "en": "This is above a limit of the payer or the merchant; use another way to pay.",
    },
    "channels.payer_account": {
        "zh": "付款账户不能用于这笔付款，请换一种方式。",
        "en": "The payer's account cannot be used for this payment; use another way to pay.",
    },
    "channels.payer_needed": {
        "zh": "还不知道付款人是谁，请从微信里重新打开付款页。",
        "en": "It is not known yet who pays; open the payment page again inside the app.",
    },
    "channels.declined": {
        "zh": "付款没有成功，没有扣款，请重试或换一种方式。",
        "en": "The payment did not go through and nothing was charged; try again or use another "
        "way to pay.",
    },
    "channels.still_paying": {
        "zh": "顾客还在付款，渠道暂不能撤销，会自动再试。",
        "en": "The payer is still paying and the channel cannot undo it yet; it is tried again.",
    },
    "channels.not_reversible": {
        "zh": "渠道不能撤销这笔付款，将改为退款。",
        "en": "The channel cannot undo this payment; it is refunded instead.",
    },
    "channels.reversal_too_late": {
        "zh": "已过撤销期限，将改为退款。",
        "en": "It is too late to undo this payment; it is refunded instead.",
    },
    "refunds.channel_balance_short": {
        "zh": "商户在支付渠道的余额不足，不能退款，请充值后再退。",
        "en": "The merchant's balance at the channel does not cover the refund; top it up and "
        "refund again.",
    },
    "refunds.channel_payer_gone": {
        "zh": "付款账户已注销，不能原路退回，请用别的方式退给顾客。",
        "en": "The payer's account is closed and cannot be refunded; return the money another way.",
    },
    "refunds.channel_too_late": {
        "zh": "已过支付渠道的退款期限，请用别的方式退给顾客。",
        "en": "The channel no longer takes a refund of this payment; return the money another way.",
    },
    "refunds.channel_refused": {
        "zh": "支付渠道拒绝退款，请核对订单在渠道的状态后再退。",
        "en": "The channel refused the refund; check the order at the channel, then refund again.",
    },
    "refunds.channel_closed": {
        "zh": "支付渠道关闭了这笔退款，请重新发起。",
        "en": "The channel closed this refund; start a new one.",
    },
    "bills.not_ready": {
        "zh": "渠道账单还没有生成，会自动再取。",
        "en": "The channel's bill is not ready yet; it is fetched again by itself.",
    },
    "bills.empty": {
        "zh": "渠道这一天没有账单，当天没有交易。",
        "en": "The channel has no bill for this day; there was nothing to list.",
    },
    "bills.refused": {
        "zh": "渠道不给这一天的账单，请检查日期和渠道账户。",
        "en": "The channel does not give this bill; check the day and the channel account.",
    },
    "bills.damaged": {
        "zh": "渠道账单损坏，与校验值不符，请重新获取。",
        "en": "The channel's bill is damaged or not the one announced; fetch it again.",
    },
    "bills.unavailable": {
        "zh": "暂时取不到渠道账单，会自动再取。",
        "en": "The channel's bill cannot be fetched now; it is tried again by itself.",
    },
}
