"""Which channel takes a code: chosen by contract and health before the call, kept with the payment.

J9 of the peers' defects (payments.md §2): several channels for one way, picked by the order of
rows, without priority, health or fallback.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.errors import Refused
from server.channels.breaker import FAILURES
from server.channels.channel import Charge, Unknown
from server.channels.open_channels import Channels, Opened
from server.channels.providers.simulated.channel import SimulatedChannel
from server.merchants.models import ChannelContract
from server.payments.choose_channel import Sale, choose_for_code, choose_for_way
from server.payments.models import Attempt, Payment
from sync.messages import Tender
from tests.factories.payments import Till
from tests.factories.server_rows import NOW

WECHAT = "134567890123456700"
KINDS = frozenset({"wechat", "scan"})


class Dead(SimulatedChannel):
    """Never says anything."""

    def pay(self, charge: Charge, now: object) -> Unknown:
        return Unknown("dead")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Channels, dict[str, Opened]]]:
    made = [Dead(tmp_path / "a", name="a"), SimulatedChannel(tmp_path / "b", name="b")]
    opened = {channel.name: Opened(channel, KINDS) for channel in made}
    yield Channels(lambda *_, **__: opened), opened
    for channel in made:
        channel.close()


def sale(till: Till, amount: int = 1_200) -> Sale:
    terminal = till.terminal
    return Sale(till.organisation, terminal.merchant_id, terminal.store_id, amount)


def contract(till: Till, channel: str, **terms: object) -> None:
    ChannelContract.objects.create(
        id=till.rows.id(), organisation=till.rows.organisation, merchant=till.rows.merchant,
        channel=channel, starts_on=date(2026, 1, 1), **terms,
    )  # fmt: skip


def test_the_cheaper_channel_is_chosen_whatever_the_order_of_rows(
    till: Till, pair: tuple[Channels, dict[str, Opened]]
) -> None:
    contract(till, "a", card={"rate_ppm": 6_000}, cost={"rate_ppm": 5_000})
    contract(till, "b", card={"rate_ppm": 6_000}, cost={"rate_ppm": 2_000})
    chosen = choose_for_code(pair[0], sale(till, 100_000), WECHAT, NOW)
    assert (chosen.channel, chosen.fee_amount) == ("b", 600)
    pair[1]["b"] = Opened(pair[1]["b"].channel, KINDS, is_enabled=False)
    assert choose_for_code(pair[0], sale(till), WECHAT, NOW).channel == "a"


def test_a_channel_that_answers_nothing_is_left_alone_and_another_takes_over(
    till: Till, pair: tuple[Channels, dict[str, Opened]]
) -> None:
    channels, opened = pair
    assert choose_for_code(channels, sale(till), WECHAT, NOW).channel == "a"
    for n in range(FAILURES):
        channels.pay(till.organisation, "a", Charge(f"{n:032x}", 1, WECHAT), NOW)
    assert choose_for_code(channels, sale(till), WECHAT, NOW).channel == "b"
    del opened["b"]
    with pytest.raises(Refused, match=r"channels\.breaker_open"):
        choose_for_code(channels, sale(till), WECHAT, NOW)


def test_why_and_at_what_rate_is_stored_with_attempt_and_payment(
    till: Till, pair: tuple[Channels, dict[str, Opened]]
) -> None:
    contract(till, "b", card={"rate_ppm": 6_000, "minimum_amount": 1})
    chosen = choose_for_code(pair[0], sale(till), WECHAT, NOW)
    request = till.request(tender=Tender.CHANNEL, auth_code=WECHAT)
    till.decide(request, chosen=chosen)
    attempt = Attempt.objects.get(payment=request.intent.payment_id)
    payment = Payment.objects.get(id=request.intent.payment_id)
    assert (attempt.channel, payment.channel, payment.fee_amount) == ("b", "b", 7)
    assert payment.rate["card"]["rate_ppm"] == 6_000
    assert attempt.route["reasons"]


def test_what_a_merchant_takes_in_a_day_ends_at_its_limit(
    till: Till, pair: tuple[Channels, dict[str, Opened]]
) -> None:
    contract(till, "b", day_amount=2_000)
    first = choose_for_code(pair[0], sale(till), WECHAT, till.now)
    till.decide(till.request(tender=Tender.CHANNEL, auth_code=WECHAT), chosen=first)
    with pytest.raises(Refused, match=r"routing\.over_limit"):
        choose_for_code(pair[0], sale(till), WECHAT, till.now)
    assert choose_for_code(pair[0], sale(till, 800), WECHAT, till.now).channel == "b"
    tomorrow = till.now + timedelta(days=1)
    assert choose_for_code(pair[0], sale(till), WECHAT, tomorrow).channel == "b"


def test_a_text_that_is_nobodys_code_is_refused_before_anything_is_stored(
    till: Till, pair: tuple[Channels, dict[str, Opened]]
) -> None:
    with pytest.raises(Refused, match=r"codes\.unknown"):
        choose_for_code(pair[0], sale(till), "hello", NOW)
    with pytest.raises(Refused, match=r"channels\.none"):
        choose_for_code(pair[0], sale(till), "284567890123456700", NOW)
    with pytest.raises(Refused, match=r"channels\.none"):
        choose_for_way(pair[0], sale(till), "wechat", "page", NOW)
    assert choose_for_way(pair[0], sale(till), "wechat", "scan", NOW).channel == "a"


def test_a_failed_probe_is_one_sales_and_the_next_is_refused(
    till: Till, pair: tuple[Channels, dict[str, Opened]]
) -> None:
    channels, opened = pair
    del opened["b"]
    for n in range(FAILURES):
        channels.pay(till.organisation, "a", Charge(f"{n:032x}", 1, WECHAT), NOW)
    later = NOW + timedelta(minutes=1)
    assert choose_for_code(channels, sale(till), WECHAT, later).channel == "a"
    with pytest.raises(Refused, match=r"channels\.breaker_open"):
        choose_for_code(channels, sale(till), WECHAT, later)
