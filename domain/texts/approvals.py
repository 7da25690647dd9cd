"""Texts: requests that another member of staff has to approve, and why one cannot be decided."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "approvals.waiting": {
        "zh": "同样的申请已在等待审批，请先处理那一份。",
        "en": "The same request is waiting already; let that one be decided first.",
    },
    "approvals.own_request": {
        "zh": "不能审批自己提交的申请，请由另一位工作人员审批。",
        "en": "You asked for this yourself; another member of staff has to decide.",
    },
    "approvals.decided_already": {
        "zh": "这份申请已由 {by} 处理，请刷新页面查看结果。",
        "en": "This request was decided by {by}; reload the page to see how.",
    },
    "approvals.asked_by_other": {
        "zh": "只有提交人可以撤回申请；如不同意，请驳回。",
        "en": "Only whoever asked may withdraw it; turn it down if you disagree.",
    },
    "approvals.unknown": {
        "zh": "没有这份申请，请从列表中重新选择。",
        "en": "There is no such request; choose one from the list again.",
    },
    "approvals.nobody": {
        "zh": "请先登录，再提交或审批申请。",
        "en": "Sign in first, then ask or decide.",
    },
    "approvals.reprice": {
        "zh": "请审批餐费更正，多收的部分将原路退回 {count} 笔付款。",
        "en": "Decide on a meal priced anew: {count} payments get back what was too much.",
    },
    "reprice.not_lower": {
        "zh": "新价格必须低于已收价格；少收的餐费不能事后补扣。",
        "en": "The right price must be below the one charged; nobody is charged more afterwards.",
    },
    "reprice.nothing": {
        "zh": "这一餐没有按该价格收取的付款，请核对日期、餐别和价格。",
        "en": "Nothing of this meal was sold at that price; check the day, meal and price.",
    },
    "approvals.accept_bill": {
        "zh": "按渠道账单入账：差额记入该渠道的差异账户，请核对双方证据后审批。",
        "en": (
            "Book what the channel's bill says; the difference goes to the channel's variance"
            " account. Look at both sides before you decide."
        ),
    },
}
