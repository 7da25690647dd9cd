"""`summary.json`: measured from the run and nothing else; payments are counted in the books."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fanpiao.demo.books import Books
from fanpiao.demo.canteen import Canteen
from fanpiao.demo.proof import Proof
from fanpiao.demo.tally import Tally


def summarise(canteen: Canteen, tally: Tally, books: Books, proof: Proof) -> dict[str, Any]:
    """Everything in one mapping, and in var/demo/report/summary.json."""
    by_tender = books.by_tender()
    took = [sale.latency_ms for sale in tally.sales if sale.latency_ms is not None]
    summary: dict[str, Any] = {
        "payments": {
            "total": sum(by_tender.values()),
            "by_tender": by_tender,
            "offline": books.offline(),
            "refunded": books.refunded(),
            "undone": len(tally.undone),
        },
        "not_charged": dict(sorted(tally.not_charged.items())),
        "latency_ms": {
            "present_to_approved": percentiles(took),
            "face_to_identity": percentiles(tally.face_ms),
        },
        "outbox": {"pending": proof.waiting, "parked": proof.parked},
        "cases": books.cases(),
        "replayed": tally.replayed,
        "refused": dict(sorted(tally.refused.items())),
        "audit": {
            "ok": not any("audit " in one for one in proof.problems),
            "transfers": proof.transfers,
            "checks": proof.checks,
        },
    }
    path = report_folder(canteen.folder) / "summary.json"
    path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return summary


def report_folder(folder: Path) -> Path:
    """Where the report is; made when it is not there."""
    report = folder / "report"
    report.mkdir(exist_ok=True)
    return report


def percentiles(values: Sequence[float]) -> dict[str, float | None]:
    """The 50th, 95th and 99th of the values by nearest rank, in tenths; None without any."""
    ordered = sorted(values)
    return {
        f"p{share}": round(ordered[math.ceil(share / 100 * len(ordered)) - 1], 1)
        if ordered
        else None
        for share in (50, 95, 99)
    }
