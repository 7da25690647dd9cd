"""One view of every kind is kept, whole, and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devices.ports import DeviceHealth, HealthState
from terminal_app.counter.machine import Phase
from terminal_app.counter.parts import Hint, Outline
from terminal_app.counter.payers import Factor
from terminal_app.counter.view import CounterView
from terminal_app.screens.recorder import Recorder, kind_of, recorded
from tests.factories.views import a_view, every_view, hinted


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> CounterView:
    shown = a_view(tmp_path_factory.mktemp("counter"))
    return replace(shown, badge=replace(shown.badge, waiting_count=0), devices=())


def test_the_first_view_of_a_kind_is_kept_and_later_ones_are_not(
    view: CounterView, tmp_path: Path
) -> None:
    first = replace(view, phase=Phase.APPROVED, shown_amount=1200)
    recorder = Recorder(tmp_path)
    recorder(first)
    recorder(replace(first, shown_amount=1300))
    assert recorded(tmp_path) == {"approved": first}
    Recorder(tmp_path)(replace(first, shown_amount=1400))
    assert recorded(tmp_path)["approved"].shown_amount == 1200


def test_what_matters_in_a_phase_makes_its_kind(view: CounterView) -> None:
    armed = "armed_standing"
    lost = DeviceHealth("reader", "card_reader", HealthState.LOST, 0.0, "devices.lost")
    assert kind_of(view) == armed
    assert kind_of(replace(view, outline=Outline(0, 0, 1, 1, 0, ""))) == f"{armed}_face"
    assert kind_of(hinted(view, "codes.expired")) == f"{armed}_hint_codes_expired"
    assert kind_of(replace(view, devices=(lost,))) == f"{armed}_device_lost"
    assert kind_of(replace(view, parked_count=1)) == f"{armed}_parked"
    assert kind_of(replace(view, is_standing=False)) == "armed_keyed"
    refused = replace(view, refusal=Hint("undo.too_late"))
    assert kind_of(refused) == f"{armed}_refused_undo_too_late"
    spinning = replace(view, phase=Phase.AUTHORISING, is_spinning=True)
    assert kind_of(spinning) == "authorising_slow"
    pin = replace(view, phase=Phase.SECOND_FACTOR, factor=Factor.PIN)
    assert kind_of(pin) == "second_factor_pin"
    declined = replace(view, phase=Phase.DECLINED, code="wallets.insufficient")
    assert kind_of(declined) == "declined_wallets_insufficient"


def test_a_sentence_left_over_from_before_makes_no_kind(view: CounterView) -> None:
    assert kind_of(hinted(replace(view, phase=Phase.APPROVED), "counters.not_me")) == "approved"


def test_a_whole_day_comes_back_in_the_order_of_its_phases(tmp_path: Path) -> None:
    views = every_view(tmp_path)
    phases = [list(Phase).index(one.phase) for one in views.values()]
    assert phases == sorted(phases)
    assert {kind.split("_")[0] for kind in views} >= {
        "locked", "no", "idle", "armed", "candidate", "confirm", "second", "awaiting", "approved",
        "cancelling", "reversed", "clearing",
    }  # fmt: skip
    assert all(kind_of(one) == kind for kind, one in views.items())
