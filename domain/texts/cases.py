"""Texts: cases, as ``cases.<kind>``: what happened, and what the person who closes it does."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "cases.accepted_after_decline": {
        "zh": "服务器拒付后窗口仍离线收款，请核实餐品已交付并联系付款人。",
        "en": (
            "The counter took a sale that the server had declined; check that the meal was "
            "given and speak to the payer."
        ),
    },
    "cases.accepted_after_reversal": {
        "zh": "服务器撤销后窗口仍确认收款，请核实餐品已交付。",
        "en": (
            "The counter confirmed a sale that the server had reversed; check that the "
            "meal was given."
        ),
    },
    "cases.accepted_channel_offline": {
        "zh": "窗口离线收了手机付款码，无人付款，请查明原因并决定由谁承担。",
        "en": (
            "A phone code was taken offline and nobody paid; find out why and decide who bears it."
        ),
    },
    "cases.refund_unpaid": {
        "zh": "退款对应的付款没有收到钱，请核对后结案。",
        "en": "A refund names a payment that took nothing; check it and close the case.",
    },
    "cases.cash_refund_unpaid": {
        "zh": "已退现金，但没有对应的付款，请核对钱箱并决定由谁承担。",
        "en": (
            "Cash was handed back without a payment behind it; check the drawer and decide "
            "who bears it."
        ),
    },
    "cases.cash_excess": {
        "zh": "退还的现金超过已付金额，请追回多退的部分或决定由谁承担。",
        "en": "More cash was handed back than was paid; recover the excess or decide who bears it.",
    },
    "cases.refund_unapproved": {
        "zh": "窗口退了超过限额的现金而没有主管批准，请向收银员核实后结案。",
        "en": (
            "Cash above the refund limit was handed back without a supervisor; ask the cashier "
            "and close the case."
        ),
    },
    "cases.late_success": {
        "zh": "撤销后渠道才报成功，系统会退回，请确认已退到付款人账户。",
        "en": (
            "The channel reported success after the reversal; it will be returned, confirm "
            "that it was."
        ),
    },
    "cases.notice_amount": {
        "zh": "渠道通知的金额与本单不符，未入账，请核对渠道账单并联系渠道。",
        "en": (
            "A channel's notice names another amount than the order's; nothing was booked. "
            "Check the channel's bill and speak to the channel."
        ),
    },
    "cases.refund_declined": {
        "zh": "渠道拒绝退款，请联系渠道或改用其他方式退还。",
        "en": (
            "The channel refused the refund; speak to the channel or return the money another way."
        ),
    },
    "cases.over_cap": {
        "zh": "窗口离线收款超出限额，未扣付款人，请决定由谁承担。",
        "en": (
            "The counter went beyond its offline limits and nobody was debited; decide who "
            "bears it."
        ),
    },
    "cases.over_entitlement": {
        "zh": "此人本餐次超出份数，请核对是否重复用餐。",
        "en": "The person had more portions than this meal allows; check for a double serving.",
    },
    "cases.revoked_terminal": {
        "zh": "已停用的终端上传了收款，未扣付款人，请核实真伪。",
        "en": (
            "A revoked terminal sent a sale and nobody was debited; find out whether it is genuine."
        ),
    },
    "cases.code_replayed": {
        "zh": "同一付款码用了两次，第二笔未扣款，请核对两个窗口的记录。",
        "en": (
            "One code paid twice and the second debited nobody; compare the two counters' records."
        ),
    },
    "cases.card_seen_twice": {
        "zh": (
            "同一张卡在两个门店付款，间隔短得走不过去，可能有复制卡或借卡，"
            "请联系持卡人核实，必要时换卡。"
        ),
        "en": (
            "One card paid in two stores with no time to walk between them: one of the two may be "
            "a copy, or was lent. Ask whose it is, and give them another card if need be."
        ),
    },
    "cases.card_lost": {
        "zh": "收款时卡已挂失或退卡，未扣付款人，请核实持卡人。",
        "en": (
            "The card was reported lost or returned when it paid and nobody was debited; "
            "find who held it."
        ),
    },
    "cases.person_frozen": {
        "zh": "收款时此人已冻结或离开，未扣款，请决定由谁承担。",
        "en": (
            "The person was frozen or had left when paying and was not debited; decide who "
            "bears it."
        ),
    },
    "cases.payer_unknown": {
        "zh": "找不到付款人，无人付款，请查明付款人或决定由谁承担。",
        "en": (
            "The payer is not known and nobody was debited; find the payer or decide who bears it."
        ),
    },
    "cases.bad_credential": {
        "zh": "付款凭证未通过验证，无人付款，请核实并决定由谁承担。",
        "en": (
            "The credential failed verification and nobody was debited; look into it and "
            "decide who bears it."
        ),
    },
    "cases.overpay": {
        "zh": "付款超过订单金额，多出的会退回；现金请人工退还。",
        "en": (
            "More was paid than ordered; the excess is returned, cash must be handed back "
            "by a person."
        ),
    },
    "cases.contradiction": {
        "zh": "同一单既有收款又有取消，请核实餐品是否交付后决定。",
        "en": (
            "One sale was both accepted and cancelled; find out whether the meal was "
            "given, then decide."
        ),
    },
    "cases.price_variance": {
        "zh": "窗口收的金额与标价不同，请核对价格是否已同步。",
        "en": (
            "The counter charged another amount than posted; check whether its prices were "
            "up to date."
        ),
    },
    "cases.gap": {
        "zh": "终端的记录缺号，请联网补传，或查明记录去向。",
        "en": (
            "Records of a terminal are missing; let it send them, or find out what became of them."
        ),
    },
    "cases.fork": {
        "zh": "同一序号有两条不同记录，可能恢复过磁盘，请停用其中一台。",
        "en": (
            "Two records share one number, so a disk was restored or copied; retire one of "
            "the machines."
        ),
    },
    "cases.restored_store": {
        "zh": "终端的数据被恢复过，请核对恢复前的最后几笔。",
        "en": "The terminal's store was restored; compare the last sales before that.",
    },
    "cases.lost_record": {
        "zh": "终端有一条记录损坏，请与小票或监控核对后补记。",
        "en": "A record on the terminal was damaged; compare receipts and enter it by hand.",
    },
    "cases.clock_impossible": {
        "zh": "记录的时间不可能，已按合理时间入账，请校准终端时间。",
        "en": (
            "A record's time is impossible and was booked at a sensible one; set the "
            "terminal's clock."
        ),
    },
    "cases.overdue_work": {
        "zh": "到期任务多次失败，请查看错误并重试。",
        "en": "Due work keeps failing; read its error and try again.",
    },
}
