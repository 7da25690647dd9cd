"""Whether the machine can draw what the screens say: 饭票￥, before anybody needs it.

A kiosk whose fonts lack Chinese shows rows of empty boxes and still takes money by them. So the
screens are not opened then: the start fails and names the package that has the letters.
"""

from typing import Final

from PySide6.QtGui import QColor, QFont, QImage, QPainter, QRawFont, QTextLayout

from domain.errors import Refused

SAMPLE: Final = "饭票￥¥余额刷脸确认 Fanpiao 0123456789 ✓"
"""Both yuan signs, the tick, and letters of either language."""
PACKAGE: Final = "fonts-noto-cjk"
FAMILIES: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei")
"""In this order; any other font with the letters will do as well."""


def check_glyphs(text: str = SAMPLE) -> None:
    """Raise `Refused("fonts.missing")` with the letters and the package when some cannot be drawn.

    Needs a `QGuiApplication`.
    """
    missing = missing_glyphs(text, screen_font())
    if missing:
        raise Refused("fonts.missing", letters="".join(missing), package=PACKAGE)


def screen_font(pixel_size: int = 32) -> QFont:
    """Return the font of the screens; Qt goes on to other fonts for letters it does not have."""
    font = QFont(list(FAMILIES))
    font.setPixelSize(pixel_size)
    return font


def missing_glyphs(text: str, font: QFont) -> list[str]:
    """Return the letters that no font has, or that leave no mark when drawn; each once."""
    letters = dict.fromkeys(letter for letter in text if not letter.isspace())
    return [letter for letter in letters if not (_has(letter, font) and _marks(letter, font))]


def _has(letter: str, font: QFont) -> bool:
    """Whether a font that Qt would use for it has the letter: glyph 0 is the empty box."""
    layout = QTextLayout(letter, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()
    return bool(runs) and all(
        _is_real(run.rawFont(), letter) and all(run.glyphIndexes()) for run in runs
    )


def _is_real(font: QRawFont, letter: str) -> bool:
    return font.isValid() and font.supportsCharacter(ord(letter))


def _marks(letter: str, font: QFont) -> bool:
    size = 2 * font.pixelSize()
    image = QImage(size, size, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setFont(font)
    painter.drawText(font.pixelSize() // 4, font.pixelSize() + font.pixelSize() // 4, letter)
    painter.end()
    return bool(bytes(image.constBits()).strip(b"\xff"))
