"""A withdrawal is over when every counter that held the face has said so, or cannot open it."""

from datetime import datetime, timedelta

import numpy
import pytest

from server.biometrics.enrol_template import enrol_template
from server.biometrics.models import Holding, Removal
from server.biometrics.withdraw_consent import withdraw_consent
from server.biometrics.work import register_work
from server.config.faces_wiring import read_counters
from server.feed.epoch import ensure_epoch, read_state
from server.feed.sequencer import Sequencer
from server.fleet.data_keys import LEASE
from server.fleet.models import Terminal
from server.fleet.revoke_terminal import revoke_terminal
from server.work.models import Due
from server.work.worker import Worker
from tests.factories.server_rows import NOW, SECRETS, Device, Rows

LATER = NOW + timedelta(minutes=5)


class Place:
    """A site with two counters and one face, withdrawn a minute after it was enrolled."""

    def __init__(self) -> None:
        self.rows = rows = Rows()
        ensure_epoch(rows.random)
        register_work(read_counters, rows.random)
        self.first = rows.activated()
        self.second = rows.activated(rows.new_terminal("2 号窗口"))
        consent = rows.new_consent(rows.new_person())
        enrol_template(
            consent, [numpy.eye(128)[0]], "m", now=NOW, random=rows.random, secrets=SECRETS
        )
        withdraw_consent(consent, now=NOW + timedelta(minutes=1))

    def hears(self, device: Device, at: datetime, *, has_read: bool = True) -> None:
        """A heartbeat of a counter that has pulled the feed, or not."""
        state = read_state()
        Terminal.objects.filter(id=device.terminal.id).update(
            last_seen_at=at, epoch=state.epoch, cursor=state.last_number if has_read else 0
        )

    def follow(self, at: datetime) -> dict[str, str]:
        """Do the due work; returns how each counter stands."""
        Worker().step(at)
        return {one.terminal_name: one.how for one in Holding.objects.all()}


@pytest.fixture
def place(database: str) -> Place:
    return Place()


def number(place: Place) -> None:
    Sequencer(place.rows.random).step(NOW)


def test_each_counter_is_waited_for_until_it_has_read_the_tombstone(place: Place) -> None:
    place.hears(place.first, LATER)
    waiting = {"1 号窗口": "waiting", "2 号窗口": "waiting"}
    assert place.follow(LATER) == waiting, "the tombstone has no number yet"
    number(place)
    place.hears(place.first, LATER)
    place.hears(place.second, LATER, has_read=False)
    once = place.follow(LATER + timedelta(minutes=10))
    assert once == {"1 号窗口": "confirmed", "2 号窗口": "waiting"}
    assert Holding.objects.get(how="confirmed").confirmed_at == LATER
    place.hears(place.second, LATER + timedelta(minutes=12))
    assert set(place.follow(LATER + timedelta(minutes=30)).values()) == {"confirmed"}
    assert Due.objects.count() == 0


def test_a_counter_heard_last_before_the_removal_has_confirmed_nothing(place: Place) -> None:
    number(place)
    place.hears(place.first, NOW)
    assert place.follow(LATER)["1 号窗口"] == "waiting"


def test_a_cursor_of_another_epoch_confirms_nothing(place: Place) -> None:
    number(place)
    place.hears(place.first, LATER)
    Terminal.objects.update(epoch="an older one")
    assert set(place.follow(LATER).values()) == {"waiting"}


def test_a_stolen_counter_is_waited_for_until_its_lease_has_ended(place: Place) -> None:
    number(place)
    place.hears(place.first, LATER)
    revoke_terminal(Terminal.objects.get(id=place.second.terminal.id), now=NOW)
    assert place.follow(LATER) == {"1 号窗口": "confirmed", "2 号窗口": "waiting"}
    over = NOW + LEASE + timedelta(minutes=11)
    assert place.follow(over) == {"1 号窗口": "confirmed", "2 号窗口": "lease_ended"}
    assert Due.objects.count() == 0


def test_a_counter_bound_after_the_removal_never_held_it(place: Place) -> None:
    place.rows.now = NOW + timedelta(hours=1)
    place.rows.activated(place.rows.new_terminal("3 号窗口"))
    assert set(place.follow(NOW + timedelta(hours=2))) == {"1 号窗口", "2 号窗口"}
    assert Removal.objects.count() == 1
