"""One canteen that takes every provider's codes, each from the provider's own peer.

Server, peers and counters share one time, so that a payer's twenty seconds need not be waited for.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.channels.add_account import add_account
from server.channels.models import ChannelAccount
from server.config.sandboxes import ENVIRONMENT
from server.fresh import fresh_id
from server.sandbox.frame import PeerClock
from server.sandbox.run import FILE, Sandbox, peer_class
from tests.journeys.bad_input.open_canteen import OpenCanteen, open_canteen
from tests.journeys.channels.channel_kiosk import KINDS, ChannelKiosk
from tests.server_fixtures import _connected

PEOPLE = 24


@pytest.fixture(scope="module")
def canteen(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[OpenCanteen]:
    """The server stays up for a whole file: its books must hold over everything it meets."""
    folder = tmp_path_factory.mktemp("canteen")
    shutil.copyfile(sqlite_template, folder / "fanpiao.sqlite3")
    for _ in _connected(str(folder / "fanpiao.sqlite3"), django_db_blocker):
        with open_canteen(folder, people=PEOPLE) as opened:
            yield opened


@pytest.fixture(scope="module")
def sandbox(canteen: OpenCanteen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The four peers on the canteen's time, and an account at each."""
    folder = tmp_path_factory.mktemp("sandbox")
    peers = [peer_class(kind) for kind in KINDS]
    running = Sandbox(folder, folder / "keys", peers, clock=PeerClock(canteen.noon.now))
    running.write(folder / FILE)
    running.keep_stepping()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(ENVIRONMENT, str(folder))
        organisation, now = canteen.sample.organisation_id, canteen.noon.now()
        ChannelAccount.objects.filter(organisation_id=organisation).delete()
        for kind in KINDS:
            add_account(organisation, fresh_id(now, os.urandom), kind, now=now)
        yield running
    running.stop()


@pytest.fixture(scope="module")
def kiosks(
    canteen: OpenCanteen,
    sandbox: Sandbox,
    tmp_path_factory: pytest.TempPathFactory,
    qapp: object,
) -> Iterator[Callable[[str], ChannelKiosk]]:
    """A kiosk of its own for each provider, in whatever order they are wanted."""
    folder = tmp_path_factory.mktemp("kiosks")
    made: dict[str, ChannelKiosk] = {}

    def kiosk_of(kind: str) -> ChannelKiosk:
        if kind not in made:
            kiosk = ChannelKiosk(canteen, folder / kind, kind, sandbox.running[kind])
            made[kind] = kiosk
            kiosk.learn()
            kiosk.sign_in()
            kiosk.serve()
        return made[kind]

    yield kiosk_of
    for kiosk in made.values():
        kiosk.close()


@pytest.fixture(params=KINDS)
def kiosk(
    request: pytest.FixtureRequest, kiosks: Callable[[str], ChannelKiosk]
) -> Iterator[ChannelKiosk]:
    """A shift is open, lunch is served; at the end both books are held against each other."""
    opened = kiosks(request.param)
    opened.gets_ready()
    yield opened
    opened.gets_ready()
    opened.books_agree()
