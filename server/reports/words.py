"""What the books' own words are called on paper, in both languages."""

from collections.abc import Mapping

from domain.messages import Language

WORDS: Mapping[str, tuple[str, str]] = {
    "tender.wallet": ("校园钱包", "Wallet"),
    "tender.channel": ("扫码支付", "Channel"),
    "tender.cash": ("现金", "Cash"),
    "credential.face": ("刷脸", "Face"),
    "credential.card": ("刷卡", "Card"),
    "credential.wallet_code": ("钱包码", "Wallet code"),
    "credential.channel_code": ("付款码", "Payer's code"),
    "credential.payee_code": ("收款码", "Payee code"),
    "credential.number": ("学工号", "By number"),
    "credential.none": ("无", "None"),
    "mode.online": ("联网", "Online"),
    "mode.offline": ("离线", "Offline"),
    "grant.subsidy": ("补贴金", "Subsidy"),
    "grant.meal": ("餐次", "Meals"),
    "cause.payment": ("付款", "Payment"),
    "cause.refund": ("退款", "Refund"),
    "cause.shift": ("班次现金", "Shift cash"),
    "cause.top_up": ("充值", "Top-up"),
    "cause.pay_out": ("退余额", "Pay-out"),
    "cause.share": ("补贴发放", "Subsidy granted"),
    "cause.expiry": ("补贴到期", "Subsidy expired"),
    "cause.clearing": ("对账清算", "Cleared by the bill"),
    "cause.clear_out": ("补贴清零", "Subsidy cleared"),
    "cause.clearing_line": ("清算明细", "Clearing line"),
    "cause.day_close": ("日结", "Day close"),
    "cause.settlement_batch": ("结算", "Settlement"),
    "cause.payout": ("出款", "Payout"),
    "cause.adjustment": ("调账", "Adjustment"),
    "cause.approval": ("经批准的更正", "Approved correction"),
    "owner.agent": ("代理", "Agent"),
    "owner.receiver": ("分账方", "Third party"),
    "owner.person": ("人员", "Person"),
    "owner.grant": ("补贴来源", "Subsidy budget"),
    "owner.grant_share": ("个人补贴", "Subsidy share"),
    "owner.merchant": ("商户", "Merchant"),
    "owner.channel": ("支付通道", "Channel"),
    "owner.organisation": ("本单位", "Organisation"),
    "owner.shift": ("班次", "Shift"),
    "account.cash": ("钱包余额", "Wallet"),
    "account.debt": ("欠款", "Debt"),
    "account.subsidy": ("补贴", "Subsidy"),
    "account.meal": ("餐次", "Meals"),
    "account.payable": ("应付商户", "Merchant payable"),
    "account.disputed": ("争议款", "Disputed"),
    "account.cash_takings": ("商户现金", "Merchant's cash takings"),
    "account.pricing_variance": ("价差", "Pricing variance"),
    "account.receivable": ("应收通道", "Channel receivable"),
    "account.suspense_short": ("待查短款", "Suspense, short"),
    "account.suspense_long": ("待查长款", "Suspense, long"),
    "account.drawer": ("钱箱", "Drawer"),
    "account.drawer_suspense": ("钱箱待查", "Drawer suspense"),
    "account.bank": ("存管银行", "Deposit account"),
    "account.subsidy_funder": ("补贴资金", "Subsidy budget"),
    "account.commission": ("代理分润", "Agent commission"),
    "account.fee_income": ("手续费收入", "Fee income"),
    "account.discount_expense": ("优惠支出", "Discount expense"),
    "account.payout_in_transit": ("在途出款", "Payouts in transit"),
    "account.bad_debt": ("坏账", "Bad debt"),
    "batch.paying": ("出款中", "Being paid"),
    "batch.paid": ("已到账", "Paid"),
    "batch.returned": ("被退回", "Returned"),
    "batch.carried": ("结转", "Carried on"),
    "account.meal_redeemed": ("已用餐次", "Meals eaten"),
    "account.meal_conversion": ("餐次折价", "Meal conversion"),
}


def word(name: str, language: Language) -> str:
    """Return what `name` is called; a word without a name stays as it is, without its kind."""
    found = WORDS.get(name)
    if found is None:
        return name.partition(".")[2]
    return found[0] if language == "zh" else found[1]
