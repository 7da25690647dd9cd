"""Whatever the purses and the rules: no purse goes past its floor, and legs and debt add up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.authorization import (
    AccountSnapshot,
    Approve,
    Assurance,
    Decline,
    FundingSource,
    Mode,
    NeedSecondFactor,
    NeedServer,
    PersonState,
    Policy,
    Request,
    Shortfall,
    SourceKind,
    Tender,
    decide,
    draw_fact,
)
from domain.offline_policy import Caps, OfflinePolicy, OfflineUsed, remaining

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
MERCHANTS = [UUID(int=1), UUID(int=2)]
PERIODS = ["lunch", "dinner"]

fen = st.integers(0, 20_000)
restricted = {
    "merchant_ids": st.none() | st.frozensets(st.sampled_from(MERCHANTS)),
    "meal_periods": st.none() | st.frozensets(st.sampled_from(PERIODS)),
    "expires_at": st.none() | st.sampled_from([NOW, NOW + timedelta(days=1)]),
}
money_sources = st.builds(
    FundingSource,
    source_id=st.uuids(),
    kind=st.sampled_from([SourceKind.CASH, SourceKind.SUBSIDY]),
    available_amount=st.integers(-5_000, 20_000),
    floor_amount=st.integers(-2_000, 2_000),
    **restricted,
)
meal_sources = st.builds(
    FundingSource,
    source_id=st.uuids(),
    kind=st.just(SourceKind.MEAL),
    available_amount=st.integers(0, 5),
    unit=st.just("MEAL"),
    meal_value_amount=st.integers(0, 2_000),
    **restricted,
)
mandates = st.builds(
    FundingSource,
    source_id=st.uuids(),
    kind=st.just(SourceKind.MANDATE),
    available_amount=fen,
    claim_cap_amount=fen,
    **restricted,
)


def in_order(sources: list[FundingSource]) -> tuple[FundingSource, ...]:
    """The purses as drawn, the mandate last."""
    return tuple(sorted(sources, key=lambda source: source.kind is SourceKind.MANDATE))


snapshots = st.builds(
    AccountSnapshot,
    person_id=st.uuids(),
    state=st.sampled_from(PersonState),
    category=st.just("student"),
    sources=st.lists(
        money_sources | meal_sources | mandates,
        max_size=5,
        unique_by=lambda source: source.source_id,
    ).map(in_order),
    debt_amount=fen,
    debt_limit_amount=fen,
    age_s=st.sampled_from([0.0, 100.0, 10_000.0]),
    offline_used=st.builds(
        OfflineUsed, person_amount=fen, terminal_count=st.integers(0, 12), terminal_amount=fen
    ),
    entitlement_used=st.integers(0, 3),
    entitlement_limit=st.none() | st.integers(0, 3),
    spent_today_amount=fen,
    shortfall=st.sampled_from(Shortfall),
)
requests = st.builds(
    Request,
    amount=st.integers(1, 20_000),
    tender=st.sampled_from(Tender),
    assurance=st.sampled_from(Assurance),
    merchant_id=st.sampled_from(MERCHANTS),
    at=st.just(NOW),
    mode=st.sampled_from(Mode),
    meal_period=st.none() | st.sampled_from(PERIODS),
    portions=st.integers(0, 2),
    is_second_factor_done=st.booleans(),
    credential_cap_amount=st.none() | fen,
)
policies = st.builds(
    Policy,
    offline=st.builds(
        OfflinePolicy,
        version=st.just(1),
        caps=st.dictionaries(st.sampled_from(Assurance), st.builds(Caps, fen, fen)),
        terminal_count=st.integers(0, 12),
        terminal_amount=fen,
        max_age_s=st.just(3_600),
    ),
    second_factor_above=st.dictionaries(st.sampled_from(Assurance), fen),
    payment_cap_amount=st.none() | fen,
    day_cap_amount=st.none() | fen,
)


def may_pay(source: FundingSource, request: Request) -> bool:
    return (
        (source.expires_at is None or request.at < source.expires_at)
        and (source.merchant_ids is None or request.merchant_id in source.merchant_ids)
        and (source.meal_periods is None or request.meal_period in source.meal_periods)
    )


def check_legs(snapshot: AccountSnapshot, request: Request, approved: Approve) -> None:
    debit = 0 if approved.debit is None else approved.debit.amount
    owed = approved.debt_amount + debit
    assert sum(leg.amount for leg in approved.legs) + owed == request.amount
    assert approved.debt_amount >= 0
    sources = {source.source_id: source for source in snapshot.sources}
    order = [source.source_id for source in snapshot.sources]
    drawn = [leg.source_id for leg in approved.legs]
    assert drawn == sorted(set(drawn), key=order.index)
    for leg in approved.legs:
        source = sources[leg.source_id]
        assert source.kind is not SourceKind.MANDATE
        assert may_pay(source, request)
        assert source.available_amount - leg.units >= source.floor_amount
        value = source.meal_value_amount if source.kind is SourceKind.MEAL else 1
        assert leg.amount == leg.units * value
        assert leg.amount > 0


def check_nothing_left_behind(snapshot: AccountSnapshot, request: Request, approved: Approve):
    """Debt and banks come only when no purse of money that may pay has anything left."""
    units = {leg.source_id: leg.units for leg in approved.legs}
    for source in snapshot.sources:
        is_purse = source.kind not in (SourceKind.MEAL, SourceKind.MANDATE)
        if is_purse and may_pay(source, request):
            left = source.available_amount - units.get(source.source_id, 0)
            assert left <= source.floor_amount


@given(policies, snapshots, requests)
def test_an_approval_adds_up_and_never_goes_past_a_floor(policy, snapshot, request_):
    decision = decide(policy, snapshot, request_)
    if not isinstance(decision, Approve):
        return
    if request_.tender is not Tender.WALLET:
        assert decision == Approve()
        return
    assert snapshot.state is PersonState.ACTIVE
    check_legs(snapshot, request_, decision)
    owed = snapshot.debt_amount + decision.debt_amount
    if decision.debt_amount or decision.debit:
        check_nothing_left_behind(snapshot, request_, decision)
    if decision.debt_amount and not may_claim(snapshot, request_, decision):
        assert snapshot.shortfall is not Shortfall.DECLINE
        if snapshot.shortfall is Shortfall.OVERDRAW:
            assert owed <= snapshot.debt_limit_amount
    if decision.debit:
        assert request_.mode is Mode.ONLINE
        bank = next(s for s in snapshot.sources if s.source_id == decision.debit.source_id)
        assert bank.kind is SourceKind.MANDATE
        assert may_pay(bank, request_)
        assert decision.debit.amount <= bank.available_amount
        assert decision.debt_amount == 0


def may_claim(snapshot: AccountSnapshot, request: Request, approved: Approve) -> bool:
    """Whether some mandate lets this debt be claimed from it later."""
    owed = snapshot.debt_amount + approved.debt_amount
    return request.mode is Mode.OFFLINE and any(
        source.kind is SourceKind.MANDATE
        and may_pay(source, request)
        and approved.debt_amount <= source.available_amount
        and owed <= source.claim_cap_amount
        for source in snapshot.sources
    )


@given(policies, snapshots, requests)
def test_an_offline_approval_stays_within_every_cap(policy, snapshot, request_):
    offline = replace(request_, mode=Mode.OFFLINE, tender=Tender.WALLET)
    if isinstance(decide(policy, snapshot, offline), Approve):
        left = remaining(policy.offline, snapshot.offline_used, offline.assurance)
        assert offline.amount <= left.amount
        assert snapshot.age_s <= policy.offline.max_age_s


@given(policies, snapshots, requests)
def test_offline_is_never_more_generous_than_online(policy, snapshot, request_):
    online = decide(policy, snapshot, replace(request_, mode=Mode.ONLINE))
    offline = decide(policy, snapshot, replace(request_, mode=Mode.OFFLINE))
    assert not isinstance(online, NeedServer)
    if isinstance(online, Approve) and online.debit:
        online = Approve(online.legs, online.debit.amount)
    assert offline == online or isinstance(offline, NeedServer)


@given(policies, snapshots, requests)
def test_a_second_factor_is_asked_at_most_once(policy, snapshot, request_):
    done = replace(request_, is_second_factor_done=True)
    assert not isinstance(decide(policy, snapshot, done), NeedSecondFactor)


@given(policies, snapshots, requests, st.integers(1, 20_000))
def test_more_money_never_turns_a_yes_into_a_no(policy, snapshot, request_, more):
    if not isinstance(decide(policy, snapshot, request_), Approve):
        return
    richer = tuple(
        replace(source, available_amount=source.available_amount + more)
        for source in snapshot.sources
    )
    if all(source.kind is not SourceKind.MEAL for source in snapshot.sources):
        assert not isinstance(decide(policy, replace(snapshot, sources=richer), request_), Decline)


@given(snapshots, requests)
def test_a_fact_always_adds_up_and_owes_only_what_no_purse_can_pay(snapshot, request_):
    fact = draw_fact(
        snapshot,
        request_.amount,
        merchant_id=request_.merchant_id,
        meal_period=request_.meal_period,
        at=request_.at,
    )
    check_legs(snapshot, request_, fact)
    assert fact.debit is None
    assert sum(leg.amount for leg in fact.legs) + fact.debt_amount == request_.amount
    if fact.debt_amount:
        check_nothing_left_behind(snapshot, request_, fact)
