"""Orders at the peer: charged, opened, queried, cancelled, in key and in certificate mode."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from server.channels.channel import (
    AwaitingPayer,
    Charge,
    Created,
    Declined,
    NotFound,
    PayeeOrder,
    Reversed,
    Succeeded,
    Unknown,
    Way,
)
from server.channels.providers.alipay.keys import keys_of
from server.channels.providers.alipay.provider import PROVIDER
from server.channels.providers.alipay.wire import Answer, Lost
from server.sandbox.faults import TYPING_S, Fault, Operation
from server.sandbox.frame import Request
from server.sandbox.keys import Keys
from tests.unit.server.channels.alipay.bench import CODE, NOTICES, NUMBER, Bench, account_of


@pytest.fixture(params=["key", "certificate"])
def both(request: pytest.FixtureRequest, keys: Keys) -> Bench:
    return Bench(keys, has_certificates=request.param == "certificate")


def test_a_payer_s_code_is_charged_and_the_order_found(both: Bench) -> None:
    said = both.charge()
    assert isinstance(said, Succeeded)
    assert both.query() == said
    assert both.books.net_amount(NUMBER) == 1250
    assert both.charge(code=CODE + "1") == Unknown("the number was used before")
    assert both.books.net_amount(NUMBER) == 1250


def test_what_is_sent_is_what_the_documentation_asks_for(bench: Bench) -> None:
    bench.charge()
    assert bench.content() == {
        "out_trade_no": NUMBER,
        "scene": "bar_code",
        "auth_code": CODE,
        "product_code": "FACE_TO_FACE_PAYMENT",
        "subject": "午餐",
        "total_amount": "12.50",
        "timeout_express": "3m",
        "store_id": "S1",
        "terminal_id": "T1",
    }
    sent = bench.requests[-1]
    assert sent["timestamp"] == "2026-11-22 12:00:00"
    assert (sent["sign_type"], sent["notify_url"]) == ("RSA2", NOTICES)


def test_certificate_mode_names_its_certificates(keys: Keys) -> None:
    bench = Bench(keys, has_certificates=True)
    bench.charge()
    sent = bench.requests[-1]
    assert len(sent["app_cert_sn"]) == len(sent["alipay_root_cert_sn"]) == 32


def test_a_face_token_is_charged_under_its_own_scene(bench: Bench) -> None:
    assert isinstance(bench.charge(code="fp0123456789abcdef"), Succeeded)
    assert bench.content()["scene"] == "security_code"


@pytest.mark.parametrize("subject", ["", "///", "a=1&b=2", '"quoted"\n', "长" * 400])
def test_any_name_of_a_sale_is_taken(bench: Bench, subject: str) -> None:
    said = bench.channel.pay(Charge(NUMBER, 100, CODE, subject), bench.now)
    assert isinstance(said, Succeeded), said
    sent = bench.content()["subject"]
    assert sent
    assert len(sent) <= 128
    assert not set('/=&"') & set(sent)


def test_a_payer_who_types_is_awaited_then_has_paid(bench: Bench) -> None:
    bench.let(Fault.PAYER_TYPES, Operation.PAY)
    assert bench.charge() == AwaitingPayer()
    assert bench.query() == AwaitingPayer()
    bench.clock.move(seconds=TYPING_S)
    assert isinstance(bench.query(), Succeeded)


def test_a_payer_who_never_answers_is_cancelled_for_ever(bench: Bench) -> None:
    bench.let(Fault.PAYER_NEVER, Operation.PAY)
    bench.charge()
    assert bench.reverse() == Reversed(took_money=False)
    assert bench.query() == Reversed(took_money=False)
    assert bench.books.net_amount(NUMBER) == 0


def test_a_charge_that_was_lost_is_found_and_cancelling_gives_it_back(bench: Bench) -> None:
    bench.let(Fault.LOST_ANSWER, Operation.PAY)
    assert bench.charge() == Unknown("ReadError")
    assert isinstance(bench.query(), Succeeded)
    assert bench.reverse() == Reversed(took_money=True)
    assert bench.query() == Reversed(took_money=True)
    assert bench.books.net_amount(NUMBER) == 0


def test_cancelling_what_was_never_seen_answers_well_and_is_believed_by_nobody(
    bench: Bench,
) -> None:
    assert bench.reverse() == Unknown("there was nothing to cancel")
    assert bench.query() == NotFound()


def test_a_cancellation_refused_while_the_payer_types_is_asked_again(bench: Bench) -> None:
    bench.let(Fault.REFUSE_REVERSAL, Operation.PAY)
    bench.charge()
    said = bench.reverse()
    assert isinstance(said, Unknown)
    assert not said.is_alert
    bench.clock.move(seconds=TYPING_S)
    assert bench.reverse() == Reversed(took_money=True)


def test_a_day_later_it_is_too_late_to_cancel(bench: Bench) -> None:
    bench.charge()
    bench.clock.move(hours=25)
    assert bench.reverse() == Declined("channels.reversal_too_late")


def test_a_code_used_twice_is_refused(bench: Bench) -> None:
    bench.charge()
    assert bench.charge(number="f" * 32) == Declined("channels.code_invalid")


def test_trouble_with_the_charge_done_is_unknown_until_queried(bench: Bench) -> None:
    for count in range(4):
        bench.let(Fault.SYSTEM_ERROR_AFTER, Operation.PAY)
        number = f"{count:032x}"
        said = bench.charge(number=number, code=f"{CODE[:-2]}{count + 10}")
        assert said == Unknown("Alipay does not know")
        assert isinstance(bench.query(number), Succeeded)


# --- orders that somebody comes to pay ------------------------------------------------------


def test_a_code_to_show_is_no_trade_until_it_is_scanned(both: Bench) -> None:
    said = both.open_order()
    assert isinstance(said, Created)
    assert said.code_text.startswith("https://qr.alipay.com/bax")
    assert both.content()["qr_code_timeout_express"] == "5m"
    assert both.query() == NotFound()
    both.books.start_paying(NUMBER)
    assert both.query() == AwaitingPayer()
    both.books.pay_open(NUMBER)
    assert isinstance(both.query(), Succeeded)


def test_the_same_order_again_is_the_same_code(bench: Bench) -> None:
    assert bench.open_order() == bench.open_order()


def test_a_code_nobody_scanned_is_ended_by_cancelling(bench: Bench) -> None:
    bench.open_order()
    assert bench.reverse() == Unknown("there was nothing to cancel")
    assert bench.order().state == "closed"
    assert bench.query() == NotFound()


def test_a_page_is_launched_by_the_trade_s_number_and_closed_when_unpaid(both: Bench) -> None:
    said = both.open_order(Way.PAGE)
    assert isinstance(said, Created)
    assert said.launch == {"tradeNO": both.order().reference}
    assert both.content()["buyer_id"] == "2088102117955612"
    assert both.content()["time_expire"] == "2026-11-22 12:05:00"
    assert both.query() == AwaitingPayer()
    assert both.reverse() == Reversed(took_money=False)
    assert both.methods()[-2:] == ["alipay.trade.cancel", "alipay.trade.close"]
    assert both.query() == Reversed(took_money=False)


def test_a_page_that_was_paid_is_not_closed_but_refunded(bench: Bench) -> None:
    bench.open_order(Way.PAGE)
    bench.books.pay_open(NUMBER)
    assert bench.reverse() == Declined("channels.not_reversible")
    assert isinstance(bench.query(), Succeeded)


def test_a_payer_by_open_id_is_named_as_such_and_an_unnamed_one_refused(bench: Bench) -> None:
    bench.open_order(Way.PAGE, payer="074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5")
    assert "buyer_id" not in bench.content()
    assert bench.content()["buyer_open_id"].startswith("074a")
    assert bench.open_order(Way.PAGE, payer="") == Declined("channels.payer_needed")


def test_an_app_gets_a_signed_text_that_the_payer_s_phone_brings(both: Bench) -> None:
    said = both.open_order(Way.APP, payer="")
    assert isinstance(said, Created)
    assert both.requests == []
    assert both.query() == NotFound()
    text = said.launch["orderString"]
    brought = both.desk.handle(Request("POST", "/gateway.do", {}, text.encode()))
    assert brought is not None
    assert json.loads(brought.body)["alipay_trade_app_pay_response"]["code"] == "10000"
    assert dict(parse_qsl(text))["notify_url"] == NOTICES
    assert both.query() == AwaitingPayer()
    both.books.pay_open(NUMBER)
    assert isinstance(both.query(), Succeeded)


def test_a_code_lives_whole_minutes_and_two_hours_at_most(bench: Bench) -> None:
    lives = {61: "2m", 60: "1m", 1: "1m", -5: "1m", 3600 * 24: "120m"}
    for count, (seconds, minutes) in enumerate(lives.items()):
        until = bench.now + timedelta(seconds=seconds)
        order = PayeeOrder(f"{count:032x}", 100, Way.SCAN, until)
        assert isinstance(bench.channel.create(order, bench.now), Created)
        assert bench.content()["qr_code_timeout_express"] == minutes


# --- evidence and secrets -----------------------------------------------------------------


def test_every_exchange_is_kept_and_nothing_kept_holds_a_secret(bench: Bench) -> None:
    bench.charge()
    bench.query()
    bench.reverse()
    assert [kept.operation for kept in bench.kit.kept] == ["pay", "query", "cancel"]
    assert all(kept.number == NUMBER and kept.answer for kept in bench.kit.kept)
    text = repr(bench.kit.kept) + "".join(kept.answer.decode() for kept in bench.kit.kept)
    assert CODE not in text
    assert bench.requests[0]["sign"] not in text


def test_no_repr_shows_a_key_or_a_code(bench: Bench) -> None:
    keys = keys_of(account_of(bench.sample))
    shown = repr(keys) + repr(Answer(b"secret-body", {"a": "secret-data"}))
    shown += repr(Lost("why", body=b"secret-body", said={"a": "secret-data"}))
    assert "RSAPrivateKey" not in shown
    assert "secret" not in shown
    assert "PRIVATE" not in repr(account_of(bench.sample))


@pytest.mark.parametrize("host", ["http://alipay.test", "http://alipay.test/",
                                  "http://alipay.test/gateway.do"])  # fmt: skip
def test_a_host_is_taken_with_and_without_the_gateway_s_path(keys: Keys, host: str) -> None:
    bench = Bench(keys)
    account = replace(account_of(bench.sample), host=host)
    assert PROVIDER.open(account, bench.kit).query(NUMBER, bench.now) == NotFound()


@pytest.mark.parametrize("name", ["app_id", "seller_id", "alipay_public_key"])
def test_an_account_says_which_setting_is_missing(bench: Bench, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        bench.open(drop=(name,))


@pytest.mark.parametrize("name", ["app_certificate", "alipay_certificate", "root_certificate"])
def test_certificate_mode_wants_all_three(keys: Keys, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: missing"):
        Bench(keys, has_certificates=True).open(drop=(name,))


@pytest.mark.parametrize("name", ["private_key", "alipay_public_key"])
def test_a_key_that_is_none_is_named_and_not_shown(bench: Bench, name: str) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        bench.open((), **{name: "c2VjcmV0"})
    assert "c2VjcmV0" not in str(refused.value)
