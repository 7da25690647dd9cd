"""QR codes drawn on the server as SVG without styles."""

import qrcode
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004 §6.3.8)."""


def qr_svg(text: str, label: str) -> SafeString:
    """Return `text` as a QR code with error correction M; `label` is what a screen reader says."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    runs = "".join(
        f"M{column} {line}h1v1h-1z"
        for line, row in enumerate(rows)
        for column, is_dark in enumerate(row)
        if is_dark
    )
    size = len(rows)
    return mark_safe(
        f'<svg class="qr" role="img" aria-label="{escape(label)}" viewBox="0 0 {size} {size}"'
        f' shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="{runs}" fill="#000"/></svg>'
    )
