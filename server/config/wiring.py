"""Which routes, renderers, work and providers this server has: the one place that names them all.

Apps that may not know each other are brought together here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import httpx

from server.biometrics import api as biometrics_api
from server.biometrics.work import register_work as register_biometrics_work
from server.channels.channel import Provider
from server.channels.exchanges import Listener
from server.channels.open_accounts import OpenAccounts
from server.channels.open_channels import Channels
from server.channels.providers.alipay import provider as alipay
from server.channels.providers.bank import provider as bank
from server.channels.providers.simulated.provider import SimulatedProvider
from server.channels.providers.unionpay import provider as unionpay
from server.channels.providers.wechat import provider as wechat
from server.config import bill_files, health
from server.config.database import chosen_database, secrets_path
from server.config.faces_wiring import desks, read_counters
from server.config.feed_wiring import register_renderers
from server.config.payout_banks import payout_bank_or_none
from server.config.sandboxes import OwnSandbox
from server.console.channel_desk import register_channels
from server.console.merchant_applications import register_applications
from server.console.payment_work import register_work as register_console_work
from server.console.reprice import register_repricing
from server.feed import api as feed_api
from server.fleet import api as fleet_api
from server.fleet.authenticate import Authenticator
from server.http import Routes
from server.inbox import api as inbox_api
from server.inbox.keep_shift import read_shifts
from server.inbox.read_head import read_head
from server.inbox.work import register_work as register_inbox_work
from server.open_api.work import register_work as register_webhook_work
from server.payments import api as payments_api
from server.payments import take_notice
from server.payments.work import register_work as register_payments_work
from server.people.import_people import on_arrival
from server.people.work import register_work as register_people_work
from server.reconciliation.read_file import register_formats
from server.reconciliation.work import register_work as register_reconciliation_work
from server.reports.exports import register_work as register_reports_work
from server.runtime import Runtime
from server.settlement import api as settlement_api
from server.settlement.write_off import register_write_offs
from server.wallets import api as wallets_api
from server.wallets.clear_out import register_clear_outs
from server.wallets.grant_by_list import register_grants
from server.wallets.open_wallets import open_wallets

UNSIGNED = frozenset({
    ("POST", "/v1/activate"), ("GET", "/v1/health"),
    ("GET", "/v1/pay/*"), ("POST", "/v1/pay/*"), ("POST", "/v1/notices/*"),
    ("POST", "/v1/payout-notices/*"),
})  # fmt: skip
"""All other routes want a terminal's signature; a payer has a token, a provider its own key."""


@dataclass(frozen=True, slots=True)
class Wired:
    """What the ASGI application serves, and how it knows who asks."""

    signed: Routes
    unsigned: Routes
    authenticator: Authenticator
    sandbox: OwnSandbox
    listener: Listener


def wire(runtime: Runtime) -> Wired:
    """Bring the apps together for `runtime`; renderers and work handlers are registered."""
    sandbox = OwnSandbox(secrets_path(chosen_database()).with_name("sandbox"))
    listener = Listener(httpx.Client(trust_env=False), runtime.random)
    channels = _channels(runtime, sandbox, listener)
    _register_renderers(runtime)
    _register_work(runtime, channels)
    routes = {
        **health.routes(runtime),
        **fleet_api.routes(runtime, read_head=read_head, shows_codes=channels.takes_orders),
        **feed_api.routes(runtime),
        **payments_api.routes(runtime, channels),
        **inbox_api.routes(runtime),
        **wallets_api.routes(runtime, read_shifts=read_shifts),
        **biometrics_api.routes(runtime, desks(runtime.secrets)),
        **settlement_api.routes(
            runtime, partial(payout_bank_or_none, listener.http(), runtime.random)
        ),
    }
    return Wired(
        signed={place: handler for place, handler in routes.items() if place not in UNSIGNED},
        unsigned={place: handler for place, handler in routes.items() if place in UNSIGNED},
        authenticator=Authenticator(runtime.read),
        sandbox=sandbox,
        listener=listener,
    )


def _register_renderers(runtime: Runtime) -> None:
    """Who renders which kind of feed row."""
    register_renderers(runtime)


def _open_wallets(organisation_id: UUID, person_ids: Sequence[UUID], now: datetime) -> None:
    """Everybody who is imported has a wallet."""
    open_wallets(organisation_id, person_ids, at=now)


def providers() -> dict[str, Provider]:
    """The providers of this server. The simulated one keeps its charges beside the secrets."""
    path = secrets_path(chosen_database()).with_name("simulated_channel.sqlite3")
    real: tuple[Provider, ...] = (
        wechat.PROVIDER, alipay.PROVIDER, unionpay.PROVIDER, bank.PROVIDER,
    )  # fmt: skip
    return {provider.kind: provider for provider in (*real, SimulatedProvider(path))}


def _channels(runtime: Runtime, sandbox: OwnSandbox, listener: Listener) -> Channels:
    """The channels of every organisation, by its accounts."""
    accounts = OpenAccounts(
        providers=providers(),
        secrets=runtime.secrets,
        tools=listener,
        clock=runtime.clock,
        sandbox=sandbox.account,
        notices=runtime.public_url + take_notice.PREFIX,
    )
    channels = Channels(accounts, listener, accounts.place_of)
    register_channels(accounts, channels)
    return channels


def _register_work(runtime: Runtime, channels: Channels) -> None:
    """Who does which kind of due work."""
    register_payments_work(runtime, channels)
    register_inbox_work(runtime)
    register_people_work(runtime.random)
    register_reports_work(runtime.clock)
    register_grants()
    register_clear_outs()
    register_console_work(runtime)
    register_repricing()
    register_applications()
    register_webhook_work(runtime)
    register_write_offs()
    register_reconciliation_work(runtime, channels)
    register_formats(bill_files.FORMATS)
    on_arrival(_open_wallets)
    register_biometrics_work(read_counters, runtime.random)
