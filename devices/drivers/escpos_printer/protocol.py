"""ESC/POS bytes of a receipt and of the drawer's pulse, and what a status answer says. Pure.

Every job begins with `ESC @`, so that nothing is left over from the one before it. Sources: Epson's
ESC/POS command reference (`GS v 0`, `GS V`, `ESC p`, `DLE EOT`), encoded by python-escpos.
"""

from typing import Final

from escpos.printer import Dummy
from PIL import Image

from devices.ports import PrinterState

INITIALISE: Final = b"\x1b@"
BAND_DOTS: Final = 256
"""A picture goes out in bands of this height: cheap printers hold no more than 64 KB."""
ASK_OFFLINE: Final = b"\x10\x04\x02"
ASK_PAPER: Final = b"\x10\x04\x04"
DRAWER_PINS: Final = (2, 5)

# A status byte is 0xx1xx10: these bits are fixed
_FIXED_MASK, _FIXED = 0b10010011, 0b00010010
_COVER_OPEN, _PAPER_ENDED = 0x04, 0x20
_PAPER_OUT, _PAPER_LOW = 0x60, 0x0C


def receipt_bytes(picture: Image.Image) -> bytes:
    """Return the job that prints `picture` (mode "1"), feeds and cuts."""
    printer = Dummy()
    # Without a width python-escpos warns in every band; ours is the picture's
    data = {**printer.profile.profile_data, "media": {"width": {"pixels": picture.width}}}
    printer.profile.profile_data = data
    printer._raw(INITIALISE)
    printer.image(picture, impl="bitImageRaster", fragment_height=BAND_DOTS)
    printer.cut(mode="PART")
    return bytes(printer.output)


def drawer_bytes(pin: int) -> bytes:
    """Return the pulse that opens the drawer wired to `pin` (2 or 5)."""
    printer = Dummy()
    printer.cashdraw(pin)
    return bytes(printer.output)


def read_status(offline: bytes, paper: bytes) -> PrinterState:
    """Say what the answers to `ASK_OFFLINE` and `ASK_PAPER` mean; a missing one is not good news.

    A printer that answers nothing (many on a network, every plain file) is `UNKNOWN`.
    """
    if not (_is_status(offline) and _is_status(paper)):
        return PrinterState.UNKNOWN
    if offline[0] & _COVER_OPEN:
        return PrinterState.COVER_OPEN
    if paper[0] & _PAPER_OUT == _PAPER_OUT or offline[0] & _PAPER_ENDED:
        return PrinterState.PAPER_OUT
    if paper[0] & _PAPER_LOW:
        return PrinterState.PAPER_LOW
    return PrinterState.READY


def _is_status(answer: bytes) -> bool:
    return len(answer) == 1 and answer[0] & _FIXED_MASK == _FIXED
