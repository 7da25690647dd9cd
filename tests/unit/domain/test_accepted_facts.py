"""Who bears a signed offline acceptance."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.accepted_facts import Circumstances, Dispute, DisputeKind, judge_fact
from domain.authorization import (
    AccountSnapshot,
    Approve,
    Assurance,
    FundingSource,
    Leg,
    Mode,
    PersonState,
    Policy,
    Request,
    SourceKind,
    Tender,
)
from domain.offline_policy import Caps, OfflinePolicy, OfflineUsed

CASH = UUID(int=1)
POLICY = Policy(OfflinePolicy(1, {level: Caps(2_000, 3_000) for level in Assurance}, 9, 9_000, 60))
PERSON = AccountSnapshot(
    UUID(int=2), PersonState.ACTIVE, "student", (FundingSource(CASH, SourceKind.CASH, 500),)
)
SALE = Request(
    amount=1_200,
    tender=Tender.WALLET,
    assurance=Assurance.CARD_UID,
    merchant_id=UUID(int=3),
    at=datetime(2026, 11, 23, 4, tzinfo=UTC),
    mode=Mode.OFFLINE,
)
IN_ORDER = Circumstances()


def test_within_the_policy_the_payer_pays_and_owes_the_rest():
    assert judge_fact(POLICY, PERSON, SALE, IN_ORDER) == Approve((Leg(CASH, 500, 500),), 700)


def test_someone_frozen_after_the_sale_still_bears_it():
    frozen = replace(PERSON, state=PersonState.FROZEN)
    assert isinstance(judge_fact(POLICY, frozen, SALE, IN_ORDER), Approve)


@pytest.mark.parametrize(
    ("circumstances", "kind", "code"),
    [
        (
            Circumstances(is_terminal_trusted=False),
            DisputeKind.REVOKED_TERMINAL,
            "terminals.revoked",
        ),
        (Circumstances(is_card_lost=True), DisputeKind.CARD_LOST, "cards.lost"),
        (Circumstances(is_person_frozen=True), DisputeKind.PERSON_FROZEN, "people.frozen"),
        (Circumstances(is_code_used=True), DisputeKind.CODE_REPLAYED, "codes.replayed"),
    ],
)
def test_what_was_wrong_at_the_time_is_disputed(circumstances, kind, code):
    assert judge_fact(POLICY, PERSON, SALE, circumstances) == Dispute(kind, code)


@pytest.mark.parametrize(
    ("person", "sale", "kind"),
    [
        (PERSON, replace(SALE, amount=2_001), DisputeKind.OVER_CAP),
        (replace(PERSON, age_s=61), SALE, DisputeKind.OVER_CAP),
        (replace(PERSON, offline_used=OfflineUsed(1_801)), SALE, DisputeKind.OVER_CAP),
        (PERSON, replace(SALE, assurance=Assurance.NUMBER), DisputeKind.PAYER_UNPROVEN),
        (PERSON, replace(SALE, tender=Tender.CHANNEL), DisputeKind.CHANNEL_OFFLINE),
    ],
)
def test_beyond_the_policy_it_is_disputed(person, sale, kind):
    found = judge_fact(POLICY, person, sale, IN_ORDER)
    assert isinstance(found, Dispute)
    assert found.kind is kind


def test_cash_was_paid_whatever_the_caps_say():
    cash = replace(SALE, tender=Tender.CASH, amount=50_000)
    assert judge_fact(POLICY, PERSON, cash, IN_ORDER) == Approve()
    revoked = Circumstances(is_terminal_trusted=False)
    assert isinstance(judge_fact(POLICY, PERSON, cash, revoked), Dispute)
