"""What is known of a channel's last hour: clear and unclear answers, alerts, how long they took."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from server.channels.breaker import FAILURES, REST, Breaker, BreakerState
from server.channels.channel import Account, Sent, Succeeded, Unknown
from server.channels.exchanges import Heard, Listener, judged, save
from server.channels.models import ChannelExchange
from server.channels.read_health import SPAN, read_health
from tests.factories.server_rows import NOW, Randomness
from tests.integration.server.open_api.receiver import receiver

ORGANISATION, OTHER = UUID(int=1), UUID(int=2)


def heard(
    number: int, at: datetime = NOW, status: int = 200, took_ms: int | None = 40,
    organisation: UUID = ORGANISATION,
) -> Heard:  # fmt: skip
    sent = Sent("query", f"{number:032x}", at, status, b"{}", "PAID")
    return Heard(UUID(int=1000 + number), organisation, "wechat", sent, took_ms=took_ms)


def test_what_an_answer_meant_is_kept_with_the_last_exchange() -> None:
    said = [heard(1), heard(2)]
    assert judged(said, Succeeded("r")) == said
    first, last = judged(said, Unknown("code 99", is_alert=True))
    assert first == said[0]
    assert (last.is_unclear, last.is_alert, last.sent.outcome) == (True, True, "Unknown: code 99")
    assert judged([heard(1)], Unknown("timed out"))[0].is_alert is False
    assert judged([], Unknown("nothing was sent")) == []


def test_the_last_hour_is_counted_and_what_is_older_or_others_is_not(sqlite_database: str) -> None:
    save([
        heard(1, took_ms=100), heard(2, took_ms=200), heard(3, status=0, took_ms=None),
        *judged([heard(4, status=200, took_ms=300)], Unknown("code 99", is_alert=True)),
        heard(5, NOW - SPAN - timedelta(seconds=1), status=503), heard(6, organisation=OTHER),
    ])  # fmt: skip
    found = read_health(ORGANISATION, "wechat", NOW)
    assert (found.count, found.clear_count, found.clear_percent) == (4, 2, 50)
    assert (found.mean_ms, found.longest_ms, found.alerts) == (200, 300, 1)
    assert (found.last_clear_at, found.last_unclear_at) == (NOW, NOW)


def test_an_alert_stays_until_somebody_has_seen_it(sqlite_database: str) -> None:
    old = heard(4, NOW - timedelta(days=9))
    save(judged([old], Unknown("code 99", is_alert=True)))
    assert read_health(ORGANISATION, "wechat", NOW).alerts == 1
    ChannelExchange.objects.update(seen_at=NOW, seen_by="eva")
    found = read_health(ORGANISATION, "wechat", NOW)
    assert (found.alerts, found.count, found.clear_percent) == (0, 0, None)


def test_the_time_of_an_answer_is_kept_once_and_with_its_own_exchange() -> None:
    tools = Listener(httpx.Client(trust_env=False), Randomness())
    account = Account(UUID(int=7), ORGANISATION, "wechat", "wechat", "", "", {}, {})
    with receiver() as provider, tools.listening() as kept:
        tools.http().post(provider.url)
        for operation in ("query", "query again"):
            tools.keep(account, Sent(operation, "1", NOW, 200, b"ok"))
    tools.client.close()
    assert kept[0].took_ms is not None
    assert kept[0].took_ms >= 0
    assert kept[1].took_ms is None


def test_an_answer_without_its_time_is_kept_all_the_same() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=b"ok"))
    tools = Listener(httpx.Client(transport=transport), Randomness())
    account = Account(UUID(int=7), ORGANISATION, "wechat", "wechat", "", "", {}, {})
    with tools.listening() as kept:
        tools.http().get("http://127.0.0.1/a")
        tools.keep(account, Sent("query", "1", NOW, 200, b"ok"))
    tools.client.close()
    assert [one.took_ms for one in kept] == [None]


def test_a_breaker_says_how_it_stands_without_taking_the_probe() -> None:
    breaker = Breaker()
    breaker.record(is_known=True, now=NOW)
    for _ in range(FAILURES):
        breaker.record(is_known=False, now=NOW)
    said = breaker.standing(NOW)
    assert (said.state, said.failures) == (BreakerState.OPEN, FAILURES)
    assert (said.last_known_at, said.last_unknown_at) == (NOW, NOW)
    later = NOW + REST
    assert breaker.standing(later).state == breaker.standing(later).state == BreakerState.PROBING
    assert breaker.admits(later)
    assert breaker.standing(later).state == BreakerState.OPEN
    breaker.record(is_known=True, now=later)
    assert breaker.standing(later).state == BreakerState.CLOSED


@pytest.mark.parametrize(("status", "is_unclear"), [(0, True), (500, True), (400, False)])
def test_no_answer_and_a_broken_server_are_unclear(
    sqlite_database: str, status: int, *, is_unclear: bool
) -> None:
    save([heard(1, status=status)])
    assert ChannelExchange.objects.get().is_unclear is is_unclear
