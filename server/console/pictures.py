"""Bar charts drawn on the server as SVG without styles."""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 960, 220, 34, 24, 10
"""The chart's frame in user units; it scales with the page."""


def bars_svg(bars: Sequence[tuple[str, int]], label: str) -> SafeString:
    """Return a bar chart of (title, height); titles that end in ":00" are written below.

    The same numbers stand in a table beside it: the picture is `label` to a screen reader.
    """
    top = _round_up(max((height for _, height in bars), default=0))
    step = (WIDTH - LEFT) / max(1, len(bars))
    scale = (HEIGHT - BOTTOM - TOP) / top
    parts = [_grid(top, scale)]
    for place, (title, height) in enumerate(bars):
        x, tall = LEFT + place * step, height * scale
        if height:
            parts.append(
                f'<rect class="bar" x="{x:.1f}" y="{HEIGHT - BOTTOM - tall:.1f}"'
                f' width="{max(1.0, step - 1.5):.1f}" height="{tall:.1f}">'
                f"<title>{escape(title)}: {height}</title></rect>"
            )
        if title.endswith(":00") or len(bars) <= 8:
            parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 6}">{escape(title)}</text>')
    return mark_safe(
        f'<svg class="chart" role="img" aria-label="{escape(label)}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'
    )


def _round_up(highest: int) -> int:
    """The next number that four lines divide evenly."""
    return max(4, -(-highest // 4) * 4)


def _grid(top: int, scale: float) -> str:
    lines = []
    for quarter in range(5):
        y = HEIGHT - BOTTOM - top * quarter / 4 * scale
        lines.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * quarter // 4}</text>'
        )
    return "".join(lines)
