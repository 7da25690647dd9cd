"""Read pictures from files that anybody may have made: broken, empty, huge, or no picture."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
FILE_BYTES_MAX: Final = 64 * 1024 * 1024
"""More than any camera's photograph; a larger file is not read into memory at all."""


class PictureUnreadable(Exception):
    """A file that is missing or is no picture; `code` says which, with its `data`."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code, self.data = code, data


def read_picture(path: Path) -> Image:
    """Return the picture as uint8 (height, width, 3) in BGR, turned upright; `PictureUnreadable`.

    A picture whose header claims more pixels than OpenCV's limit (2³⁰) is refused before it is
    unpacked.
    """
    try:
        if path.is_dir():
            raise PictureUnreadable("images.folder")
        if not path.is_file():
            raise PictureUnreadable("images.missing")
        if path.stat().st_size > FILE_BYTES_MAX:
            raise PictureUnreadable("images.too_large", limit_mb=FILE_BYTES_MAX // 1024**2)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise PictureUnreadable("images.no_permission") from error
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error as error:
        raise PictureUnreadable("images.not_a_picture") from error
    if image is None:
        raise PictureUnreadable("images.not_a_picture")
    return np.asarray(image, np.uint8)
