"""The self-test names what is wrong, only that, and has a sentence for it."""

from datetime import timedelta

import httpx
import pytest

from domain.messages import is_known
from server.channels.providers.wechat.provider import PROVIDER
from server.channels.providers.wechat.wire import PRODUCTION
from server.sandbox.keys import certificate_pem
from server.sandbox.wechat.peer import Mode
from tests.unit.server.channels.wechat.bench import Bench, open_channel

PINNED = ("public_key", "public_key_id")


def wrong(bench: Bench, *drop: str, **more: str) -> list[tuple[str, str]]:
    """Run the self-test with other settings; what it finds wrong."""
    channel = open_channel(bench.peer.account(), bench.kit, drop, **more)
    found = channel.self_test(bench.now)
    assert len({finding.check for finding in found}) == len(found)
    assert all(finding.is_right or is_known(finding.code) for finding in found)
    return [(finding.check, finding.code) for finding in found if not finding.is_right]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_right_account_has_nothing_wrong(keys, mode):
    assert wrong(Bench(keys, mode)) == []


@pytest.mark.parametrize("mode", [Mode.CERTIFICATE, Mode.GREY])
def test_an_account_without_a_public_key_has_nothing_wrong_either(keys, mode):
    assert wrong(Bench(keys, mode), *PINNED) == []


def test_another_private_key_is_told_from_another_certificate(bench, keys):
    stranger = keys.pair("stranger").private_pem
    found = wrong(bench, private_key=stranger)
    assert found == [("private_key", "wechat.key_not_certificates")]


def test_the_papers_of_another_merchant(bench, keys):
    other = keys.certificate("stranger", common_name="1900009999")
    found = wrong(
        bench,
        certificate=certificate_pem(other),
        private_key=keys.pair("stranger").private_pem,
    )
    assert found == [("mchid", "wechat.certificate_of_another")]


def test_papers_that_fit_each_other_but_are_not_those_in_force(bench, keys):
    """Such as those of before the merchant renewed its certificate."""
    own = keys.certificate("renewed", common_name="1900000109")
    found = wrong(
        bench, certificate=certificate_pem(own), private_key=keys.pair("renewed").private_pem
    )
    assert found == [("signature", "wechat.signature_refused")]


def test_the_merchants_own_key_in_place_of_wechats(bench, keys):
    own = keys.pair("wechat-merchant").public_pem
    assert wrong(bench, public_key=own) == [("public_key", "wechat.own_key_as_public")]


def test_another_public_key(bench, keys):
    stranger = keys.pair("stranger").public_pem
    assert wrong(bench, public_key=stranger) == [("platform_key", "wechat.platform_key")]


def test_another_public_key_id(keys):
    bench = Bench(keys, Mode.PUBLIC_KEY)
    assert wrong(bench, public_key_id="PUB_KEY_ID_0") == [("platform_key", "wechat.public_key_id")]
    assert wrong(bench, *PINNED) == [("platform_key", "wechat.public_key_id")]


def test_another_api_key(keys):
    bench = Bench(keys, Mode.CERTIFICATE)
    assert wrong(bench, *PINNED, api_v3_key="0" * 32) == [("api_v3_key", "wechat.api_key")]
    assert wrong(Bench(keys), api_v3_key="0" * 32) == [("api_v3_key", "wechat.api_key")]


def test_a_clock_that_is_wrong(bench):
    """The peer's clock stays; ours is ten minutes ahead."""
    channel = open_channel(bench.peer.account(), bench.kit)
    for ours in (bench.now + timedelta(minutes=10), bench.now - timedelta(minutes=10)):
        codes = [finding.code for finding in channel.self_test(ours) if not finding.is_right]
        assert codes == ["wechat.clock"]


def test_a_certificate_that_has_run_out(bench):
    bench.clock.move(days=3650)
    assert ("certificate", "wechat.certificate_expired") in wrong(bench)


def test_a_host_that_is_not_there_or_not_wechat(bench):
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    bench.kit.client = httpx.Client(transport=httpx.MockTransport(refuse))
    assert wrong(bench) == [("connection", "wechat.unreachable")]
    page = httpx.MockTransport(lambda request: httpx.Response(200, text="<html>"))
    bench.kit.client = httpx.Client(transport=page)
    assert wrong(bench) == [("platform_key", "wechat.unsigned")]


@pytest.mark.parametrize("url", ["http://us.test/n", "https://us.test/n?x=1", "https://us.test/n"])
def test_in_production_a_notice_address_has_to_be_one_that_wechat_calls(bench, url):
    channel = open_channel(bench.peer.account(), bench.kit, host=PRODUCTION, notice_url=url)
    found = [finding.code for finding in channel.self_test(bench.now) if not finding.is_right]
    assert found == ([] if url == "https://us.test/n" else ["wechat.notice_url"])


# --- opening an account ---------------------------------------------------------------------


@pytest.mark.parametrize("name", [s.name for s in PROVIDER.settings if s.is_required])
def test_a_missing_setting_is_named(bench, name):
    with pytest.raises(ValueError, match=name):
        open_channel(bench.peer.account(), bench.kit, (), **{name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("private_key", "nonsense"), ("certificate", "nonsense"), ("public_key", "nonsense"),
        ("public_key", ""), ("public_key_id", "ABC"), ("public_key_id", ""),
        ("api_v3_key", "short"),
    ],
)  # fmt: skip
def test_a_setting_that_is_no_good_is_named(bench, name, value):
    with pytest.raises(ValueError, match=name):
        open_channel(bench.peer.account(), bench.kit, (), **{name: value})


@pytest.mark.parametrize("host", ["", "wechat", "ftp://x", "https://", "http://x:y"])
def test_a_host_that_is_none_is_named(bench, host):
    with pytest.raises(ValueError, match="host"):
        open_channel(bench.peer.account(), bench.kit, host=host)


def test_secrets_are_marked_and_never_shown(bench):
    secret = {setting.name for setting in PROVIDER.settings if setting.is_secret}
    assert (
        secret == {"private_key", "api_v3_key", "app_secret"} == set(bench.peer.account().secrets)
    )
    shown = repr(bench.channel) + repr(bench.channel._opened)
    assert all(value not in shown for value in bench.peer.account().secrets.values())
