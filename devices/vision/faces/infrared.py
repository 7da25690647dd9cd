"""Is the face of a colour frame there in near infrared too? A lit screen is dark there.

For cameras that take both at once (`devices.drivers.camera.pair`). What it is worth: a phone or a
tablet that shows somebody gives out no infrared light, so nobody is seen there; that ends the
commonest trick, and a replayed video with it. A print may reflect infrared, depending on its ink, a
mask does: this is no certified detection of presentation attacks either (ISO/IEC 30107-3).
"""

from typing import Final

import numpy as np

from devices.ports import Box
from devices.vision.faces.engine import FaceEngine, Image

MARGIN: Final = 0.75
"""Of the box, on each side: the two lenses stand apart, and the detector wants what is around."""
SIZE_RATIO: Final = (0.6, 1.6)
"""Height of the face in infrared over that in colour, once both pictures have one scale."""
CENTRE_MAX: Final = 0.5
"""How far the two centres may lie apart, in heights of the face."""


def is_there_in_infrared(engine: FaceEngine, image: Image, infrared: Image, box: Box) -> bool:
    """Say whether `infrared` (h, w, 3), of the same view as `image`, has this face too."""
    place = _scaled(box, image, infrared)
    crop, left, top = _around(infrared, place)
    if crop.size == 0:
        return False
    for face in engine.detect(crop):
        found = face.box
        ratio = found.height / max(place.height, 1)
        x, y = found.centre[0] + left, found.centre[1] + top
        apart = np.hypot(x - place.centre[0], y - place.centre[1]) / max(place.height, 1)
        if SIZE_RATIO[0] <= ratio <= SIZE_RATIO[1] and apart <= CENTRE_MAX:
            return True
    return False


def _scaled(box: Box, image: Image, infrared: Image) -> Box:
    across = infrared.shape[1] / image.shape[1]
    down = infrared.shape[0] / image.shape[0]
    return Box(
        round(box.x * across), round(box.y * down), round(box.width * across),
        round(box.height * down),
    )  # fmt: skip


def _around(infrared: Image, place: Box) -> tuple[Image, int, int]:
    aside, above = round(place.width * MARGIN), round(place.height * MARGIN)
    left, top = max(place.x - aside, 0), max(place.y - above, 0)
    right = min(place.x + place.width + aside, infrared.shape[1])
    bottom = min(place.y + place.height + above, infrared.shape[0])
    return np.ascontiguousarray(infrared[top:bottom, left:right]), left, top
