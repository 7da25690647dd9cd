"""Lives through the month day by day, and compares what was found with what was put in."""

import random
import resource
import time as clocks
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import Final

from server.audit.run_audit import run_audit
from server.channels.channel import channel_owner_id
from server.feed.epoch import ensure_epoch
from server.feed.sequencer import Sequencer
from server.ledger.models import Account
from server.reconciliation.models import BillLine, ClearedItem, Difference
from server.settlement.models import Addendum, Batch, DayClose, Payout
from tests.factories.month.injected import BY_RULE, OUTCOMES, Put
from tests.factories.month.office import Office
from tests.factories.month.putting import Putting
from tests.factories.month.scale import Scale, at
from tests.factories.month.selling import Selling
from tests.factories.month.town import Town
from tests.factories.month.trade import Sale

Tell = Callable[[str], None]
Places = Counter[tuple[str, ...]]
"""What is compared, by its words, and how often."""
SETTLES_AT: Final = time(8, 30)
READS_AT: Final = time(12, 30)
QUIET_DAYS: Final = 3
"""After the trade: the last days are closed, the pool empties, payouts come back."""
MENDED_ON: Final = 3
FAILS: Final = "90"
RETURNS: Final = "92"
"""How accounts end for which the sandbox's bank does so."""


@dataclass(slots=True)
class Summary:
    """What the month came to."""

    payments: int = 0
    refunds: int = 0
    lines: int = 0
    cleared: int = 0
    decided: int = 0
    closed_days: int = 0
    addenda: int = 0
    """What came late for a day that was closed."""
    batches: int = 0
    payouts: int = 0
    put: Counter[Put] = field(default_factory=Counter)
    found: Counter[Put] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    overstayed: list[str] = field(default_factory=list)
    owed: dict[str, int] = field(default_factory=dict)
    """What each channel still owes."""
    findings: tuple[str, ...] = ()
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    peak_mb: int = 0

    @property
    def by_rule(self) -> int:
        """How many were resolved with nobody's doing."""
        return sum(count for put, count in self.found.items() if put in BY_RULE)


class Month:
    """One month on the database that Django is connected to."""

    def __init__(self, scale: Scale, keys: Path, tell: Tell = lambda _: None) -> None:
        self.scale, self.tell = scale, tell
        self.summary = Summary()
        with self._stage("set-up"):
            self.town = Town(scale)
        self.selling = Selling(self.town, random.Random(f"{scale.seed}/selling"))
        self.putting = Putting(scale)
        self.office = Office(self.town, self.putting.papers, keys)
        self._waiting: list[Sale] = []

    def run(self) -> Summary:
        """Live through it and audit it."""
        try:
            for number in range(self.scale.days + QUIET_DAYS):
                self._live(number)
        finally:
            self.office.close()
        with self._stage("feed"):
            ensure_epoch(self.town.rows.random)
            sequencer, now = Sequencer(self.town.rows.random), self.office.now
            while sequencer.step(now):
                pass
        with self._stage("audit"):
            now = at(self.scale.day(self.scale.days + QUIET_DAYS), time(0))
            self.summary.findings = tuple(map(repr, run_audit(now, self.tell).findings))
        self._compare()
        return self.summary

    def _live(self, number: int) -> None:
        on = self.scale.day(number)
        if number < self.scale.days:
            self._waiting += self.putting.day(number)
        started = clocks.monotonic()
        for clock in (SETTLES_AT, READS_AT, time.max):
            self._sell_until(on, clock)
            if clock == SETTLES_AT:
                self._settle(number)
            if clock == READS_AT:
                self._reconcile(on)
        done = self.summary
        self.tell(
            f"{on}: {self.selling.payments:,} payments, {done.decided} decided by two people, "
            f"{clocks.monotonic() - started:.0f} s"
        )

    def _sell_until(self, on: date, clock: time) -> None:
        until = at(on, clock)
        due = [sale for sale in self._waiting if sale.arrives_at < until]
        self._waiting = [sale for sale in self._waiting if sale.arrives_at >= until]
        due.sort(key=lambda sale: (sale.arrives_at, sale.store))
        with self._stage("payments into the books"):
            for one in self.selling.sell(due):
                self.putting.enter(one)

    def _settle(self, number: int) -> None:
        if number == MENDED_ON:
            self.office.mend_accounts()
        with self._stage("closing days, batches, payouts"):
            self.office.settle(at(self.scale.day(number), SETTLES_AT))

    def _reconcile(self, on: date) -> None:
        now, yesterday = at(on, READS_AT), on - timedelta(days=1)
        with self._stage("bills, matching, clearing, rules"):
            self.office.read_bills(now, lambda _: None)
        with self._stage("adjustments by two people"):
            self.summary.decided += self.office.decide(now)
        self.summary.overstayed += self.office.overstayed(yesterday)

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = clocks.monotonic()
        yield
        self.summary.seconds[name] += clocks.monotonic() - started

    # --- found beside put in -------------------------------------------------------------

    def _compare(self) -> None:
        done, town = self.summary, self.town
        self._compare_differences()
        self._compare_rules()
        self._compare_payouts()
        done.payments, done.refunds = self.selling.payments, self.selling.refunds
        done.lines = BillLine.objects.count()
        done.cleared = ClearedItem.objects.filter(undone_by__isnull=True).count()
        done.closed_days, done.batches = DayClose.objects.count(), Batch.objects.count()
        done.addenda = Addendum.objects.count()
        done.payouts = Payout.objects.count()
        for name in self.putting.papers:
            owner = channel_owner_id(town.organisation, name)
            row = Account.objects.get(owner_id=owner, kind="receivable")
            done.owed[name] = -row.balance
        done.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

    def _compare_differences(self) -> None:
        wanted: Places = Counter()
        kinds: dict[tuple[str, ...], Put] = {}
        for one in self.putting.injected:
            outcome = OUTCOMES[one.put]
            if outcome.kind:
                place: tuple[str, ...] = (one.channel, one.item, outcome.kind, outcome.resolution)
                wanted[place] += 1
                kinds[place] = one.put
        rows = Difference.objects.values_list("channel", "item", "kind", "resolution")
        found: Places = Counter(rows)
        for place, count in wanted.items():
            self.summary.put[kinds[place]] += count
            self.summary.found[kinds[place]] += min(count, found[place])
        self._tell_apart(wanted, found)

    def _compare_rules(self) -> None:
        """What a rule resolves before it is anybody's difference."""
        for put, how in ((Put.FEE_ROUNDING, "fee_rounding"), (Put.SHIFT_EARLIER, "matched")):
            mine = [one for one in self.putting.injected if one.put is put]
            rows = ClearedItem.objects.filter(how=how, undone_by__isnull=True)
            if put is Put.SHIFT_EARLIER:
                rows = rows.filter(item__in=[one.item for one in mine])
            found: Places = Counter(self._with_days(list(rows)))
            wanted: Places = Counter((one.channel, one.item, str(one.on)) for one in mine)
            self.summary.put[put] += wanted.total()
            self.summary.found[put] += (wanted & found).total()
            self._tell_apart(wanted, found)

    def _with_days(self, rows: list[ClearedItem]) -> Iterator[tuple[str, ...]]:
        lines = BillLine.objects.filter(id__in=[row.line for row in rows])
        days = dict(lines.values_list("id", "on"))
        return ((row.channel, row.item, str(days[row.line])) for row in rows if row.line)

    def _compare_payouts(self) -> None:
        for put, ending, state in (
            (Put.PAYOUT_FAILED, FAILS, "failed"), (Put.PAYOUT_RETURNED, RETURNS, "returned"),
        ):  # fmt: skip
            wanted = Payout.objects.filter(number__endswith=ending)
            said: Places = Counter((str(id), state) for id in wanted.values_list("id", flat=True))
            rows = Payout.objects.filter(state=state).values_list("id", "state")
            found: Places = Counter((str(id), word) for id, word in rows)
            self.summary.put[put] += said.total()
            self.summary.found[put] += (said & found).total()
            self._tell_apart(said, found)

    def _tell_apart(self, wanted: Places, found: Places) -> None:
        self.summary.missed += [" ".join(place) for place in (wanted - found)]
        self.summary.invented += [" ".join(place) for place in (found - wanted)]
