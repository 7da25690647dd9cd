"""Machines in every phase, and payers of every kind, to try the table's rows on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.authorization import Tender
from sync.messages import CredentialKind
from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.payers import Factor, Payer
from terminal_app.counter.rules import Rules
from terminal_app.counter.states import advance

NOW = 100.0
STANDING = Rules(face="confirm", tenders=frozenset({"card", "code", "face", "cash", "on_account"}))
KEYED = replace(STANDING, is_standing=False)
AUTO = replace(STANDING, face="auto")
ANN, BOB = UUID(int=1), UUID(int=2)

CARD = Payer(
    offer=1,
    credential=CredentialKind.CARD,
    tender=Tender.WALLET,
    reference="card:a",
    assurance=2,
    due_amount=1200,
    person_id=ANN,
    source="reader",
    factor=Factor.PIN,
)
FACE = replace(
    CARD, credential=CredentialKind.FACE, reference="person:a", track_id=7, is_opted_in=True
)
CODE = replace(
    CARD,
    credential=CredentialKind.CHANNEL_CODE,
    tender=Tender.CHANNEL,
    reference="code:a",
    person_id=None,
)
PAYEE = replace(
    CODE, credential=CredentialKind.PAYEE_CODE, reference="payee", assurance=0, factor=Factor.NONE
)
CASH = replace(
    CARD,
    credential=CredentialKind.NONE,
    tender=Tender.CASH,
    reference="cash",
    person_id=None,
    given_amount=2000,
)


def machine(phase: Phase, rules: Rules = STANDING, **changes: Any) -> Machine:
    given: dict[str, Any] = {
        "since": 90.0,
        "operator_id": ANN,
        "period": "lunch",
        "is_serving": rules.is_standing,
        "arming": 1,
        "shown_at": 90.0,
        "amount": 0 if rules.is_standing else 1200,
        "typed": 0 if rules.is_standing else 1200,
    }
    given.update(changes)
    return Machine(rules=rules, phase=phase, **given)


def frozen(payer: Payer = CARD, phase: Phase = Phase.AUTHORISING, **changes: Any) -> Machine:
    given: dict[str, Any] = {"payer": payer, "sale": 1, "due": 1200, "since": NOW, "asked_at": NOW}
    return machine(phase, **{**given, **changes})


def paid(payer: Payer = CARD, phase: Phase = Phase.APPROVED, **changes: Any) -> Machine:
    return frozen(payer, phase, charged=1, approved_at=NOW, **changes)


def after(state: Machine, event: on.Event, now: float = NOW) -> tuple[Phase, tuple[do.Effect, ...]]:
    moved, effects = advance(state, event, now)
    return moved.phase, effects


def kinds(effects: tuple[do.Effect, ...]) -> list[type]:
    return [type(effect) for effect in effects]
