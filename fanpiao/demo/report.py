"""`var/demo/report/index.html`: one page in Chinese and English; the screens lie beside it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from devices.simulated.escpos_paper import read_job
from domain.money import format_amount
from fanpiao.demo.books import TENDERS, Books
from fanpiao.demo.canteen import ZONE, Canteen
from fanpiao.demo.proof import Proof
from fanpiao.demo.screens import Screens
from fanpiao.demo.summary import percentiles, report_folder
from fanpiao.demo.tally import Tally

RECEIPTS_MAX = 6
BARS = 24
BAR_MS = 50
TENDER_NAMES = {
    "code": ("扫码", "Code"),
    "card": ("刷卡", "Card"),
    "face": ("刷脸", "Face"),
    "cash": ("现金", "Cash"),
    "number": ("输号", "By number"),
}
MEAL_NAMES = {
    "breakfast": ("早餐", "Breakfast"),
    "lunch": ("午餐", "Lunch"),
    "dinner": ("晚餐", "Dinner"),
}
ACCOUNT_NAMES = {
    "person/cash": ("个人钱包", "Wallets"),
    "person/debt": ("个人欠款", "Debts"),
    "grant_share/subsidy": ("餐补余额", "Subsidies left"),
    "grant/subsidy_funder": ("餐补出资", "Subsidy funder"),
    "merchant/payable": ("应付商户", "Owed to the merchant"),
    "merchant/cash_takings": ("商户现金收入", "Cash takings"),
    "merchant/till_cash": ("商户手中现金", "Cash in the merchant's hands"),
    "merchant/disputed": ("争议款", "Disputed"),
    "channel/receivable": ("渠道应收", "Owed by channels"),
    "organisation/bank": ("银行", "Bank"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """What there is to report."""

    canteen: Canteen
    tally: Tally
    books: Books
    proof: Proof
    seconds: float
    screens: Screens


def write_report(run: Run, summary: dict[str, Any]) -> Path:
    """Write the page and return its path."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["money"] = format_amount
    page = environment.get_template("report.html.j2").render(
        summary=summary,
        tally=run.tally,
        proof=run.proof,
        tenders=_tenders(run.books),
        meals=_meals(run.books),
        accounts=_accounts(run.books),
        latencies=_latencies(run.tally),
        histogram=_histogram(run.tally),
        receipts=_receipts(run.canteen),
        seconds=run.seconds,
        screens=run.screens,
        skipped_h=run.canteen.timeline.skipped_s / 3600,
        day=run.canteen.clock.now().astimezone(ZONE).strftime("%Y-%m-%d"),
    )
    path = report_folder(run.canteen.folder) / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _tenders(books: Books) -> list[dict[str, Any]]:
    by_mode = books.by_mode()
    most = max(sum(count for count, _ in modes.values()) for modes in by_mode.values()) or 1
    rows = []
    for tender in TENDERS:
        online, offline = (by_mode[tender].get(mode, (0, 0)) for mode in ("online", "offline"))
        zh, en = TENDER_NAMES[tender]
        rows.append(
            {
                "zh": zh,
                "en": en,
                "online": online[0],
                "offline": offline[0],
                "count": online[0] + offline[0],
                "amount": online[1] + offline[1],
                "online_share": 100 * online[0] / most,
                "offline_share": 100 * offline[0] / most,
            }
        )
    return rows


def _meals(books: Books) -> list[dict[str, Any]]:
    return [
        {"names": MEAL_NAMES.get(meal, (meal, meal)), "count": count, "amount": amount}
        for meal, count, amount in books.meals()
    ]


def _accounts(books: Books) -> list[dict[str, Any]]:
    rows = []
    for owner, kind, count, balance in books.accounts():
        zh, en = ACCOUNT_NAMES.get(f"{owner}/{kind}", (f"{owner}/{kind}", ""))
        rows.append({"zh": zh, "en": en, "count": count, "balance": balance})
    return rows


def _latencies(tally: Tally) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for tender in TENDERS:
        took = [one.latency_ms for one in tally.sales if one.tender == tender and one.latency_ms]
        zh, en = TENDER_NAMES[tender]
        rows.append({"zh": zh, "en": en, "count": len(took), **percentiles(took)})
    rows.append(
        {"zh": "人脸 → 姓名", "en": "Face to name", "count": len(tally.face_ms)}
        | percentiles(tally.face_ms)
    )
    return rows


def _histogram(tally: Tally) -> list[dict[str, float]]:
    """Counts of approvals per 50 ms; the last bar holds whatever took longer."""
    counts = [0] * BARS
    for sale in tally.sales:
        if sale.latency_ms is not None:
            counts[min(BARS - 1, int(sale.latency_ms // BAR_MS))] += 1
    most = max(counts) or 1
    return [
        {"from_ms": place * BAR_MS, "count": count, "height": 100 * count / most}
        for place, count in enumerate(counts)
    ]


def _receipts(canteen: Canteen) -> list[str]:
    """What the printers printed, as pictures: PNG in base64, the newest last."""
    pictures: list[str] = []
    for bench in canteen.benches:
        for picture in read_job((bench.folder / "paper.bin").read_bytes()):
            held = io.BytesIO()
            picture.save(held, "PNG")
            pictures.append(base64.b64encode(held.getvalue()).decode())
    return pictures[-RECEIPTS_MAX:]
