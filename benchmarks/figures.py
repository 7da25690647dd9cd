"""What a benchmark found: figures beside their anchors, as JSON and as one table."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HEADINGS = ("figure", "value", "anchor", "anchor's value", "ratio", "target", "", "limited by")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. With an anchor, `ratio` is value / anchor; `target` is of the ratio if there
    is one, else of the value. `is_met` None: there is no target.
    """

    name: str
    value: float
    unit: str
    anchor: str = ""
    anchor_value: float | None = None
    target: str = ""
    is_met: bool | None = None
    limit: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a share of its anchor's."""
        return None if not self.anchor_value else self.value / self.anchor_value


def rate(
    name: str, values: Sequence[float], anchor: str, anchors: Sequence[float], limit: str,
    *, unit: str = "/s", at_least: float | None = None,
) -> Figure:  # fmt: skip
    """Make a figure from the medians of what several rounds measured."""
    value, against = statistics.median(values), statistics.median(anchors)
    target = "" if at_least is None else f"≥ {at_least:.2f}"
    met = None if at_least is None else value / against >= at_least
    return Figure(name, value, unit, anchor, against, target, met, limit)


def at_most(name: str, value: float, unit: str, most: float | None, limit: str) -> Figure:
    """Make a figure that should be small; `most` None: it has no target."""
    if most is None:
        return Figure(name, value, unit, limit=limit)
    return Figure(name, value, unit, target=f"≤ {most:g} {unit}", is_met=value <= most, limit=limit)


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value below which `share` of `values` are (nearest rank)."""
    ordered = sorted(values)
    assert ordered, "a quantile of nothing"
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Iterable[Figure]) -> str:
    """Write figures as one Markdown table, columns padded for a terminal."""
    rows = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["| " + " | ".join(_padded(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def save(path: Path, run: dict[str, object], figures: Sequence[Figure]) -> None:
    """Write everything as JSON; `run` says under what conditions it was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
    path.write_text(json.dumps({"run": run, "figures": found}, ensure_ascii=False, indent=1) + "\n")


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{_number(figure.value)} {figure.unit}",
        figure.anchor,
        "" if figure.anchor_value is None else f"{_number(figure.anchor_value)} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.target,
        {None: "", True: "met", False: "MISSED"}[figure.is_met],
        figure.limit,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
