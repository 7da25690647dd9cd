"""How often faces are confused: false rejections and false acceptances over thresholds.

Every picture is compared with every other: two of one person are a genuine try, two of different
people an impostor's (ISO/IEC 19795-1, there FNMR and FMR). Intervals are Wilson's (1927), 95 %; the
tries of one person are not independent of each other, so the truth may lie further out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
CHUNK = 512
"""Pictures whose distances to all others are held at once."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rate:
    """`errors` of `tries`, and between which shares the truth lies."""

    errors: int
    tries: int

    @property
    def share(self) -> float:
        """The share of errors, 0 to 1."""
        return self.errors / self.tries

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval."""
        n, p, z = self.tries, self.share, _Z
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        # At the ends the formula is exact and its arithmetic is not
        low = 0.0 if self.errors == 0 else max(0.0, middle - half)
        high = 1.0 if self.errors == n else min(1.0, middle + half)
        return low, high


@dataclass(frozen=True, slots=True)
class Confusion:
    """What happens at one threshold: accepted is what is no further apart."""

    threshold: float
    frr: Rate
    far: Rate


def confusions(
    people: Mapping[str, Sequence[Vectors]], thresholds: Sequence[float]
) -> Iterator[Confusion]:
    """Yield FRR and FAR at each threshold (distances as the engine's, 0 to 2).

    `people` are each person's vectors, (128,) each. Raises `ValueError` without a genuine or
    without an impostor's try.
    """
    names = [name for name, vectors in people.items() for _ in vectors]
    vectors = np.asarray([one for each in people.values() for one in each], np.float32)
    owner = np.unique(names, return_inverse=True)[1] if names else np.empty(0, int)
    limits = np.asarray(sorted(thresholds), np.float64)
    rejected = np.zeros(len(limits), np.int64)
    accepted = np.zeros(len(limits), np.int64)
    genuine = impostor = 0
    for start in range(0, len(names), CHUNK):
        apart = _distances(vectors[start : start + CHUNK], vectors)
        is_later = np.arange(len(names))[None, :] > np.arange(start, start + len(apart))[:, None]
        is_same = owner[start : start + len(apart), None] == owner[None, :]
        mine, others = apart[is_later & is_same], apart[is_later & ~is_same]
        genuine, impostor = genuine + len(mine), impostor + len(others)
        rejected += len(mine) - np.searchsorted(np.sort(mine), limits, side="right")
        accepted += np.searchsorted(np.sort(others), limits, side="right")
    if not genuine or not impostor:
        raise ValueError("nobody to compare")
    for limit, no, yes in zip(limits, rejected, accepted, strict=True):
        yield Confusion(float(limit), Rate(int(no), genuine), Rate(int(yes), impostor))


def _distances(some: Vectors, all_: Vectors) -> NDArray[np.float64]:
    """Euclidean distances (n, m), summed in double precision."""
    a, b = some.astype(np.float64), all_.astype(np.float64)
    squares = (a * a).sum(1)[:, None] + (b * b).sum(1)[None, :] - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float64)
