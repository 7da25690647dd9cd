"""What the screens show of a sale that is looked for: names for QML, as in `shown`."""

from typing import Final

from domain.authorization import Tender
from domain.messages import Language, text
from domain.money import format_amount
from domain.sale_numbers import sale_number
from terminal_app.counter.found import Finding
from terminal_app.counter.view import CounterView
from terminal_app.screens.rows import way
from terminal_app.screens.shown import Shown


def found_map(view: CounterView, language: Language) -> dict[str, object]:
    """The finding on the glass; {} when nothing is looked for."""
    finding = view.finding
    if finding is None:
        return {}
    return {
        "step": finding.step.value,
        "mayRefund": finding.may_refund,
        "left": finding.left_amount,
        "leftText": format_amount(finding.left_amount),
        "free": finding.free_amount,
        "amountText": format_amount(finding.amount),
        "codeText": text(finding.code, {}, language) if finding.code else "",
        **_sale(finding, language),
    }


def _sale(finding: Finding, language: Language) -> dict[str, object]:
    sale = finding.sale
    if sale is None:
        return {"total": 0, "isCash": False, "isWhole": False}
    back_amount = sale.total - finding.left_amount
    return {
        "number": sale_number(sale.payment_id),
        "label": finding.label,
        "name": sale.masked_name,
        "way": way(sale.credential, language),
        "total": sale.total,
        "totalText": format_amount(sale.total),
        "backText": format_amount(back_amount) if back_amount else "",
        "isCash": sale.tender is Tender.CASH,
        "isWhole": sale.is_whole_only,
    }


FINDING: Final[dict[str, Shown]] = {
    "finding": Shown("QVariantMap", found_map, {}),
    "mayFind": Shown(bool, lambda view, _: view.may_find, empty=False),
}
