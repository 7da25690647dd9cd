"""What both sides show of a code that a payer scans: its picture, and whether it can be paid.

The picture is a path of one unit a module, drawn at a whole number of dots a unit, so that no edge
is blurred. A code that nobody here could hear the payment of is not shown.
"""

from functools import lru_cache
from itertools import groupby
from typing import Final

from domain.messages import text
from terminal_app.counter.machine import Phase
from terminal_app.counter.view import CounterView
from terminal_app.screens.shown import Shown

QUIET: Final = 4
"""Modules of white around a code (ISO/IEC 18004 §6.3.8)."""


def is_scanned(view: CounterView) -> bool:
    """Whether the diner's page is the one of a code: it stands there, or is on its way."""
    shown = view.showing
    is_under_way = shown.is_code and view.phase in (Phase.AUTHORISING, Phase.AWAITING)
    return is_under_way or shown.is_renewing or bool(shown.text)


@lru_cache(maxsize=4)
def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code's modules, dark ones true, with the quiet zone; error correction M."""
    import qrcode  # only a counter that shows a code needs it, and its start does not wait

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(row) for row in code.get_matrix())


@lru_cache(maxsize=4)
def outline(text: str) -> str:
    """The dark modules as a filled path (SVG's `d`), one unit a module, in runs along each row."""
    runs: list[str] = []
    for y, row in enumerate(modules(text)):
        x = 0
        for is_dark, run in groupby(row):
            length = len(tuple(run))
            if is_dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return "".join(runs)


def _path(view: CounterView) -> str:
    shown = view.showing
    return outline(shown.text) if shown.text and not shown.is_cut else ""


def _count(view: CounterView) -> int:
    return len(modules(view.showing.text)) if view.showing.text else 0


SHOWING: Final[dict[str, Shown]] = {
    "isScanned": Shown(bool, lambda v, _: is_scanned(v), empty=False),
    "codePath": Shown(str, lambda v, _: _path(v), ""),
    "codeModules": Shown(int, lambda v, _: _count(v), 0),
    "isCut": Shown(bool, lambda v, _: v.showing.is_cut, empty=False),
    "offersCode": Shown(bool, lambda v, _: v.showing.is_offered, empty=False),
    "mayShowCode": Shown(bool, lambda v, _: v.showing.may_show, empty=False),
    "mayRenewCode": Shown(bool, lambda v, _: v.showing.may_renew, empty=False),
    "isRenewing": Shown(bool, lambda v, _: v.showing.is_renewing, empty=False),
    "unheardText": Shown(str, lambda _, lang: text("counters.unheard", {}, lang), ""),
    "tooLateText": Shown(str, lambda _, lang: text("payments.paid_too_late", {}, lang), ""),
    "wasTaken": Shown(bool, lambda v, _: v.showing.was_taken, empty=False),
}
"""The values of a shown code, by the name QML knows them."""
