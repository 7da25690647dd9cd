"""No provider is left out of the suite, and every sample merchant is one that can be opened."""

from __future__ import annotations

import pkgutil

import server.channels.providers
from server.sandbox.run import kinds
from tests.contract.channels.benches import KINDS, Bench, kind_of
from tests.contract.channels.test_mandates import DEBITING

WITHOUT_A_PEER = {"simulated"}
"""A twin inside the server; its own tests hold it to the port."""
NO_CHANNEL = {"payout_bank"}
"""A peer that pays merchants; `tests/contract/payout_banks` holds us to it."""


def test_every_provider_is_held_against_a_peer() -> None:
    providers = {module.name for module in pkgutil.iter_modules(server.channels.providers.__path__)}
    held = {kind_of(name) for name in KINDS} - {"plain"}
    assert providers - WITHOUT_A_PEER == held == set(kinds()) - NO_CHANNEL


def test_a_sample_merchant_is_told_in_the_settings_of_its_provider(bench: Bench) -> None:
    sample = bench.sample()
    known = {setting.name: setting for setting in bench.provider.settings}
    assert set(sample.settings) | set(sample.secrets) <= set(known)
    assert all(known[name].is_secret for name in sample.secrets)
    assert not any(known[name].is_secret for name in sample.settings)
    wanted = {name for name, setting in known.items() if setting.is_required}
    assert wanted <= {
        name for name, value in {**sample.settings, **sample.secrets}.items() if value
    }
    assert bench.channel.name == bench.kind
    assert bench.provider.kind == bench.kind


def test_terms_are_a_schedule_that_can_be_kept(bench: Bench) -> None:
    terms = bench.channel.terms
    assert terms.query_delays
    assert all(delay.total_seconds() > 0 for delay in terms.query_delays)
    assert terms.give_up_after <= terms.unseen_after
    assert terms.reverse_after <= terms.give_up_after < terms.reversal_window
    assert terms.reversal_window < terms.refund_window
    assert terms.refunds_at_most >= 1


def test_who_takes_mandates_is_asked_about_them(benches: dict[str, Bench]) -> None:
    assert {name for name, bench in benches.items() if bench.has_debits} == set(DEBITING)
