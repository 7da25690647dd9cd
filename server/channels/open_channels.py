"""The channels of this process, each behind its breaker, by organisation and name.

Which there are is the source's word (`server.channels.open_accounts`, or a fixed set); nothing
here chooses among them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Protocol
from uuid import UUID

from server.channels.breaker import Breaker, Standing
from server.channels.channel import (
    Channel,
    Charge,
    CreateOutcome,
    Declined,
    PayeeOrder,
    PayOutcome,
    Terms,
    Unknown,
    Way,
)
from server.channels.exchanges import Heard, Listener
from server.channels.signing_in import SignsIn


@dataclass(frozen=True, slots=True)
class Opened:
    """One channel, and the kinds of payer's codes and ways of paying that it takes."""

    channel: Channel
    kinds: frozenset[str]
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be chosen: how a channel is doing right now."""

    channel: str
    kinds: frozenset[str]
    is_enabled: bool
    admits: bool
    success_rate: float
    alerts: int


class Source(Protocol):
    """Where channels come from."""

    def __call__(self, organisation_id: UUID, /, *, is_current: bool) -> Mapping[str, Opened]:
        """Return one organisation's channels by name: as they are now, on a thread that may read
        the database, or as they were known last, for threads that only call providers.
        """


Place = tuple[UUID, str]
"""An organisation and the name of one of its channels."""


def _nowhere(account_id: UUID) -> Place | None:
    return None


class Channels:
    """Finds channels, and counts how they answer."""

    def __init__(
        self,
        source: Source,
        listener: Listener | None = None,
        place_of: Callable[[UUID], Place | None] = _nowhere,
    ) -> None:
        self.place_of = place_of
        """Whose channel an account is, for what comes to its notice address."""
        self._source = source
        self._listener = listener
        self._breakers: dict[tuple[UUID, str], Breaker] = {}
        self._lock = Lock()

    def named(self, organisation_id: UUID, name: str) -> Channel | None:
        """Return a channel by the name that attempts keep; None when there is none (any more)."""
        opened = self._source(organisation_id, is_current=False).get(name)
        return None if opened is None else opened.channel

    def look(self, organisation_id: UUID) -> None:
        """Learn of accounts that were edited; on a thread that may read the database."""
        self._source(organisation_id, is_current=True)

    def takes(self, organisation_id: UUID, name: str, kind: str) -> bool:
        """Whether a channel takes a kind of code or app."""
        opened = self._source(organisation_id, is_current=False).get(name)
        return opened is not None and kind in opened.kinds

    def terms(self, organisation_id: UUID, name: str) -> Terms:
        """The provider's schedule; the usual one for a channel that is gone."""
        channel = self.named(organisation_id, name)
        return Terms() if channel is None else channel.terms

    def offers(self, organisation_id: UUID, now: datetime) -> list[Offer]:
        """Return what may be chosen among, by name."""
        found = self._source(organisation_id, is_current=True)
        return [self._offer(organisation_id, name, found[name], now) for name in sorted(found)]

    def takes_orders(self, organisation_id: UUID, now: datetime) -> bool:
        """Whether a payer could pay an order here: by some way of a channel that is well."""
        ways = {way.value for way in Way}
        offers = self.offers(organisation_id, now)
        return any(one.is_enabled and one.admits and one.kinds & ways for one in offers)

    def admits(self, organisation_id: UUID, name: str, now: datetime) -> bool:
        """Whether a payment may be sent now; after a rest the first one that asks is the probe."""
        return self._breaker(organisation_id, name).admits(now)

    def pay(self, organisation_id: UUID, name: str, charge: Charge, now: datetime) -> PayOutcome:
        """Have a channel charge a payer's code, and count its answer."""
        channel = self.named(organisation_id, name)
        if channel is None:
            return Unknown(f"channel {name} is not configured")
        said = channel.pay(charge, now)
        self._count(organisation_id, name, said, now)
        return said

    def call(
        self, organisation_id: UUID, name: str, ask: Callable[[Channel], PayOutcome], now: datetime
    ) -> PayOutcome:
        """Have a channel do what `ask` says and count its answer, if its breaker is closed."""
        channel = self.named(organisation_id, name)
        if channel is None:
            return Unknown(f"channel {name} is not configured")
        if not self.admits(organisation_id, name, now):
            # Definite: nothing was sent
            return Declined("channels.breaker_open")
        said = ask(channel)
        self._count(organisation_id, name, said, now)
        return said

    def create(
        self, organisation_id: UUID, name: str, order: PayeeOrder, now: datetime
    ) -> CreateOutcome:
        """Have a channel open an order, and count its answer."""
        channel = self.named(organisation_id, name)
        if channel is None:
            return Unknown(f"channel {name} is not configured")
        said = channel.create(order, now)
        self._count(organisation_id, name, said, now)
        return said

    def sign_in_url(self, organisation_id: UUID, name: str, return_url: str) -> str:
        """Where a payer's app is sent to say who pays; "" where nobody has to, or can."""
        desk = self._sign_in_desk(organisation_id, name)
        return "" if desk is None else desk.sign_in_url(return_url)

    def payer_of(self, organisation_id: UUID, name: str, code: str) -> str:
        """Who came back from there with `code`; "" when nobody says."""
        desk = self._sign_in_desk(organisation_id, name)
        return "" if desk is None else desk.payer_of(code)

    @contextmanager
    def listening(self) -> Iterator[list[Heard]]:
        """Collect, on this thread, the exchanges that calls in the block have with providers."""
        if self._listener is None:
            yield []
            return
        with self._listener.listening() as heard:
            yield heard

    def standing(self, organisation_id: UUID, name: str, now: datetime) -> Standing:
        """Return how a channel is doing in this process."""
        return self._breaker(organisation_id, name).standing(now)

    def _sign_in_desk(self, organisation_id: UUID, name: str) -> SignsIn | None:
        channel: object = self.named(organisation_id, name)
        return channel if isinstance(channel, SignsIn) else None

    def _count(
        self, organisation_id: UUID, name: str, said: PayOutcome | CreateOutcome, now: datetime
    ) -> None:
        is_known = not isinstance(said, Unknown)
        is_alert = isinstance(said, Unknown) and said.is_alert
        self._breaker(organisation_id, name).record(is_known=is_known, now=now, is_alert=is_alert)

    def _offer(self, organisation_id: UUID, name: str, opened: Opened, now: datetime) -> Offer:
        breaker = self._breaker(organisation_id, name)
        return Offer(
            channel=name,
            kinds=opened.kinds,
            is_enabled=opened.is_enabled,
            admits=breaker.is_closed(now),
            success_rate=breaker.known_share,
            alerts=breaker.alerts,
        )

    def _breaker(self, organisation_id: UUID, name: str) -> Breaker:
        with self._lock:
            return self._breakers.setdefault((organisation_id, name), Breaker())
