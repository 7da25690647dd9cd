"""What the admin calls its groups and tables; whatever is not here keeps its model's own name."""

from typing import Any

from django.utils.translation import gettext_lazy as _

APPS: dict[str, Any] = {
    "organisations": _("Organisations"), "merchants": _("Merchants and stores"),
    "fleet": _("Counters and keys"), "catalogue": _("Meals, prices, items"),
    "people": _("People and cards"), "biometrics": _("Consents and faces"),
    "wallets": _("Wallets"), "payments": _("Payments"), "ledger": _("The books"),
    "inbox": _("Records of counters"), "channels": _("Channels"), "routing": _("Routing"),
    "cases": _("Cases"),
    "feed": _("Change feed"), "work": _("Due work"),
}  # fmt: skip
TABLES: dict[str, Any] = {
    "organisations.organisation": _("organisations"), "organisations.site": _("sites"),
    "cases.case": _("cases"), "feed.sequence": _("feed sequence"), "feed.row": _("feed rows"),
    "inbox.journal": _("journals"), "inbox.quarantined": _("quarantine"),
    "inbox.record": _("records"), "inbox.shift": _("shifts"), "ledger.account": _("accounts"),
    "ledger.counter": _("running counts"), "ledger.hold": _("holds"),
    "ledger.transfer": _("transfers"), "payments.attempt": _("attempts"),
    "payments.codeuse": _("used codes"), "payments.order": _("orders"),
    "payments.parkedacceptance": _("parked acceptances"), "payments.payment": _("payments"),
    "payments.refund": _("refunds"), "wallets.wallet": _("wallets"), "wallets.grant": _("grants"),
    "wallets.share": _("shares of grants"), "wallets.topup": _("top-ups"),
    "work.due": _("due work"),
    "feed.marker": _("feed markers"),
    "merchants.agent": _("agents"), "merchants.agentcost": _("agents' cost prices"),
    "merchants.settlementterms": _("settlement terms"),
    "merchants.receiver": _("receivers of splits"), "merchants.splitrule": _("splits"),
}  # fmt: skip
