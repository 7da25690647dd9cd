"""What hides part of a face at enrolment: a mask over the mouth, light on glasses.

Both are guesses from colours, asked only where somebody stands still to be enrolled and can mend
it: nothing is refused by them at a counter. Measured on five photographs with masks and
reflections painted on them, so the numbers are starting values.
"""

from typing import Final

import cv2
import numpy as np

from devices.vision.faces.engine import Face, Image

COLOUR_MAX: Final = 18.0
"""Between nose bridge and mouth, in a and b of CIELAB as OpenCV scales them: bare faces came to
14 at most, painted masks (blue, white, black) to 21 at least."""
GLARE_MAX: Final = 0.04
"""Of the band of the eyes, as good as white: bare faces 0, painted reflections .095 at least."""
WHITE: Final = 250


def advice_for_enrolment(image: Image, face: Face) -> str:
    """Return what to take off, as a dotted hint; "" when nothing is seen to cover the face."""
    if colour_difference(image, face) > COLOUR_MAX:
        return "faces.covered"
    return "faces.glare" if glare_share(image, face) > GLARE_MAX else ""


def colour_difference(image: Image, face: Face) -> float:
    """How far the colour about the mouth is from that of the nose's bridge, lightness apart."""
    eyes, nose = face.landmarks[0:4].mean(axis=0), face.landmarks[4]
    length = max(float(np.linalg.norm(nose - eyes)), 1.0)
    down = (nose - eyes) / length
    bridge = _colour(image, eyes + down * length * 0.45, length * 0.22)
    mouth = _colour(image, nose + down * length * 0.95, length * 0.30)
    return float(np.linalg.norm(bridge - mouth))


def glare_share(image: Image, face: Face) -> float:
    """The share of the band of the eyes that is as good as white, 0 to 1."""
    left, top = face.landmarks[0:4].min(axis=0)
    right, bottom = face.landmarks[0:4].max(axis=0)
    width = right - left
    band = image[
        max(int(top - width * 0.12), 0) : int(bottom + width * 0.12),
        max(int(left - width * 0.05), 0) : int(right + width * 0.05),
    ]
    if not band.size:
        return 0.0
    return float((cv2.cvtColor(band, cv2.COLOR_BGR2GRAY) >= WHITE).mean())


def _colour(image: Image, centre: np.ndarray, radius: float) -> np.ndarray:
    x, y, reach = int(centre[0]), int(centre[1]), max(int(radius), 1)
    patch = image[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach]
    if not patch.size:
        return np.zeros(2)
    lab = cv2.cvtColor(patch, cv2.COLOR_BGR2LAB).astype(float)
    return np.asarray(np.median(lab.reshape(-1, 3)[:, 1:], axis=0))
