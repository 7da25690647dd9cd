"""The enrolled faces in memory, searched exactly.

Exact search by one matrix product is faster than any index up to 100,000 templates
(decision 0009), and never misses. A person may have several templates: the nearest counts.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from devices.ports import FaceMatch, FaceTemplate

DIMENSIONS = 128
VECTOR_BYTES = DIMENSIONS * 4
GALLERY_MAX = 100_000
"""Templates: beyond it exact search is slower than a frame."""

Vector = NDArray[np.float32]


class Gallery:
    """Templates by person. Not safe for use by several threads."""

    def __init__(self, templates: Iterable[FaceTemplate] = ()) -> None:
        self._persons: list[str] = []
        self._vectors: NDArray[np.float32] = np.empty((0, DIMENSIONS), np.float32)
        self._squares: Vector = np.empty(0, np.float32)
        self.add(templates)

    def __len__(self) -> int:
        return len(self._persons)

    def add(self, templates: Iterable[FaceTemplate]) -> None:
        """Add `templates`; raises ValueError for what is no vector, or when it is full."""
        new = list(templates)
        for template in new:
            check_vector(template.vector)
        if len(self) + len(new) > GALLERY_MAX:
            raise ValueError(f"more than {GALLERY_MAX} templates")
        vectors = [np.frombuffer(t.vector, "<f4") for t in new]
        self._persons.extend(t.person for t in new)
        self._replace(np.vstack([self._vectors, *vectors]) if vectors else self._vectors)

    def remove(self, persons: Iterable[str]) -> None:
        """Forget every template of `persons`."""
        gone = set(persons)
        keep = [i for i, person in enumerate(self._persons) if person not in gone]
        self._persons = [self._persons[i] for i in keep]
        self._replace(self._vectors[keep])

    def search(self, vector: Vector) -> FaceMatch | None:
        """Return the nearest person, how near, and by how much the next *other* person is farther;
        None when nobody is enrolled.
        """
        if not self._persons:
            return None
        probe = np.asarray(vector, dtype=np.float32)
        products = self._vectors @ probe
        squares = np.asarray(self._squares - 2 * products + probe @ probe, dtype=np.float32)
        best = int(np.argmin(squares))
        person = self._persons[best]
        distance = float(np.sqrt(max(squares[best], 0.0)))
        others = squares[self._others(person, squares)]
        margin = float("inf")
        if others.size:
            margin = float(np.sqrt(max(others.min(), 0.0))) - distance
        return FaceMatch(person, distance, margin)

    def _others(self, person: str, squares: Vector) -> NDArray[np.bool_]:
        mine = np.zeros(squares.size, dtype=bool)
        mine[self._by_person[person]] = True
        return ~mine

    def _replace(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = np.ascontiguousarray(vectors)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors)
        self._by_person: dict[str, list[int]] = {}
        for i, person in enumerate(self._persons):
            self._by_person.setdefault(person, []).append(i)


def check_vector(vector: bytes) -> None:
    """Raise ValueError unless `vector` is 128 finite float32.

    One template that is not a number would be everybody's nearest, and nobody would be known.
    """
    if len(vector) != VECTOR_BYTES:
        raise ValueError(f"a template of {len(vector)} bytes, not {VECTOR_BYTES}")
    if not np.isfinite(np.frombuffer(vector, "<f4")).all():
        raise ValueError("a template that is not a number")


def distance_between(first: bytes, second: bytes) -> float:
    """Return the Euclidean distance of two template vectors of 512 bytes."""
    return float(np.linalg.norm(np.frombuffer(first, "<f4") - np.frombuffer(second, "<f4")))
