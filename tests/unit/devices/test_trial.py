"""Each device can be tried: what to ask a person for, and which event proves it."""

from __future__ import annotations

from typing import get_args

import pytest

from devices.ports import (
    Assurance,
    CardPresented,
    CodeScanned,
    DeviceEntry,
    Key,
    Keyed,
    Side,
    Symbology,
    TriggerPressed,
)
from devices.registry import DRIVERS, make_printer
from devices.simulated.bench_printer import BenchPrinter
from devices.trial import PROOFS, look, trial_receipt
from domain.messages import text
from kiosk_profiles.schema import DeviceKind

CODE = CodeScanned("6212", Symbology.QR, "glass", 1.0)
CARD = CardPresented(b"\x04\xa1\xb2\xc3", Assurance.CARD_UID, 1.0, "reader")


def test_every_kind_of_a_profile_has_its_question_in_both_languages() -> None:
    assert set(get_args(DeviceKind)) <= set(PROOFS)
    for proof in PROOFS.values():
        assert text(proof.ask, {}, "zh")
        assert text(proof.ask, {}, "en")


@pytest.mark.parametrize(
    ("kind", "name", "event"),
    [
        ("scanner", "glass", CODE),
        ("card_reader", "reader", CARD),
        ("keypad", "pad", Keyed(Key.DIGIT_1, Side.DINER, "pad", 1.0)),
        ("trigger", "foot", TriggerPressed("foot", 1.0)),
    ],
)
def test_an_event_proves_the_device_it_came_from_and_no_other(kind, name, event) -> None:
    proof = PROOFS[kind]
    assert proof.is_given_by(DeviceEntry(name, kind, "simulated"), event)
    assert not proof.is_given_by(DeviceEntry("another", kind, "simulated"), event)
    wrong = CARD if kind != "card_reader" else CODE
    assert not proof.is_given_by(DeviceEntry(name, kind, "simulated"), wrong)


@pytest.mark.parametrize("kind", sorted(set(DRIVERS) - {"camera"}))
def test_every_twin_can_be_looked_at(kind) -> None:
    assert look(DeviceEntry("one", kind, "simulated"), 1.0) == ("", "")


def test_looking_never_holds_on_to_the_device() -> None:
    entry = DeviceEntry("p", "printer", "escpos_printer", {"address": "tcp:127.0.0.1:1"})
    assert look(entry, 1.0)[0] == "devices.absent"
    assert look(entry, 1.0)[0] == "devices.absent"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_printer_is_tried_with_a_receipt_of_both_scripts(language) -> None:
    bench = BenchPrinter()
    printer = make_printer(
        DeviceEntry("p", "printer", "escpos_printer", {"address": bench.address})
    )
    printer.open(0.0)
    printer.print_receipt(trial_receipt(language))
    assert bench.wait_for(1)
    printer.close()
    bench.close()
