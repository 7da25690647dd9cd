"""Who renders which kind of feed row, and what rows need from apps that may not know each other."""

from collections.abc import Sequence
from uuid import UUID

from domain.authorization import SourceKind
from server.biometrics.feed_rows import template_renderer
from server.biometrics.find_confusable import read_confusable
from server.biometrics.give_consent import on_consent
from server.biometrics.withdraw_consent import end_consents_of
from server.catalogue import feed_rows as catalogue
from server.feed.renderers import Renderer, register
from server.fleet import feed_rows as fleet
from server.fleet.data_keys import read_data_key
from server.http import TerminalIdentity
from server.merchants import feed_rows as merchants
from server.people import feed_rows as people
from server.people.change_person import hold_present, on_departure
from server.people.feed_rows import PersonFunding
from server.runtime import Runtime
from server.wallets.accounts import debt_account
from server.wallets.feed_rows import render_accounts
from server.wallets.read_funding import Funding, read_funding
from server.wallets.read_mandates import MandateFunding, read_mandates
from sync.messages import FeedKind, FundingRow


def register_renderers(runtime: Runtime) -> None:
    """Register every renderer of people, cards, faces, catalogue, policies and operators."""
    on_departure(end_consents_of)
    on_consent(hold_present)
    register(FeedKind.PERSON, people.person_renderer(_funding_reader(runtime), read_confusable))
    register(FeedKind.CARD, people.render_cards)
    register(FeedKind.TEMPLATE, _template_renderer(runtime))
    register(FeedKind.ACCOUNT, render_accounts)
    register(FeedKind.MEAL_PERIOD, catalogue.render_periods)
    register(FeedKind.PRICE, catalogue.render_prices)
    register(FeedKind.ITEM, catalogue.render_items)
    register(FeedKind.OPERATOR, merchants.render_operators)
    register(FeedKind.POLICY, fleet.render_policies)
    register(FeedKind.ISSUER_KEY, fleet.render_issuer_keys)


def _funding_reader(runtime: Runtime) -> people.ReadFunding:
    def read(organisation_id: UUID, person_ids: Sequence[UUID]) -> dict[UUID, PersonFunding]:
        purses = read_funding(organisation_id, person_ids, runtime.clock.now())
        mandates = read_mandates(organisation_id, person_ids)
        return {
            person: PersonFunding(
                rows=(
                    *(funding_row(purse) for purse in purses[person]),
                    *(mandate_row(one) for one in (mandates.get(person),) if one is not None),
                ),
                debt_account_id=debt_account(organisation_id, person).id,
            )
            for person in person_ids
        }

    return read


def funding_row(purse: Funding) -> FundingRow:
    """Return a purse as counters know it; sorted, so that the same purse gives the same bytes."""
    return FundingRow(
        account_id=purse.account.id,
        kind=purse.kind.value,
        unit=purse.account.unit,
        floor=purse.account.floor or 0,
        merchants=tuple(sorted(purse.merchant_ids or (), key=str)),
        meal_periods=tuple(sorted(purse.meal_periods or ())),
        meal_value_amount=purse.meal_value_amount,
        expires_at=purse.expires_at,
    )


def mandate_row(mandate: MandateFunding) -> FundingRow:
    """Return a mandate as counters know it: how far it may be claimed from while they are alone."""
    return FundingRow(
        account_id=mandate.id,
        kind=SourceKind.MANDATE.value,
        payment_cap_amount=mandate.limits.payment_cap_amount,
        claim_cap_amount=mandate.limits.claim_cap_amount,
    )


def _template_renderer(runtime: Runtime) -> Renderer:
    def data_key_of(terminal: TerminalIdentity) -> tuple[str, bytes] | None:
        return read_data_key(terminal.organisation_id, terminal.terminal_id, runtime.secrets)

    return template_renderer(data_key_of, runtime.secrets, runtime.random)
