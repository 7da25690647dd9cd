"""One canteen per file of journeys, and kiosks that are opened and closed around a test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk_profiles.schema import Profile
from tests.factories.schools import FACES
from tests.journeys.bad_input.open_canteen import OpenCanteen, open_canteen
from tests.journeys.lunch.kiosk import Kiosk
from tests.server_fixtures import _connected

PEOPLE = 18
"""Hashing their PINs is what setting up takes; a file of more diners has a PEOPLE of its own."""
_numbers = itertools.count(1)

MakeKiosk = Callable[..., Kiosk]


@pytest.fixture(scope="module")
def canteen(
    request: pytest.FixtureRequest,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: Any,
) -> Iterator[OpenCanteen]:
    """The server stays up for a whole file: its books must hold over everything it meets."""
    people = getattr(request.module, "PEOPLE", PEOPLE)
    folder = tmp_path_factory.mktemp("canteen")
    shutil.copyfile(sqlite_template, folder / "fanpiao.sqlite3")
    for _ in _connected(str(folder / "fanpiao.sqlite3"), django_db_blocker):
        with open_canteen(folder, people=people, photos=FACES / "people") as opened:
            yield opened


@pytest.fixture
def make(canteen: OpenCanteen, tmp_path: Path, qapp: object) -> Iterator[MakeKiosk]:
    """Makes kiosks that know everybody; each is closed at the end."""
    made: list[Kiosk] = []

    def _make(
        folder: Path | None = None,
        profile: Profile | None = None,
        *,
        learns: bool = True,
        is_simulated: bool = True,
    ) -> Kiosk:
        folder = folder or tmp_path / f"kiosk-{next(_numbers)}"
        kiosk = Kiosk(canteen, folder, profile, is_simulated=is_simulated)
        made.append(kiosk)
        if learns:
            kiosk.learn()
        return kiosk

    canteen.street.is_open = True
    yield _make
    canteen.street.is_open, canteen.street.loses = True, ""
    for kiosk in made:
        kiosk.close()


@pytest.fixture
def kiosk(make: MakeKiosk) -> Kiosk:
    """A kiosk at which a shift is open and lunch is served."""
    made = make()
    made.sign_in()
    made.serve()
    return made
