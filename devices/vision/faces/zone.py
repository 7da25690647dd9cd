"""Where a payer stands; apart, so that whoever only sends the numbers loads no network."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zone:
    """P1 and P2 as numbers of the kiosk profile."""

    face_height_min: float = 0.22
    centre_width: float = 0.60
    angle_max_deg: float = 25.0
    second_face_ratio: float = 0.75
