"""Put a counter together from its store, its binding and its profile; everything injectable.

The terminal, the demo, the crash tests and the simulation all make their counters here.
"""

import queue
from collections.abc import Callable
from concurrent.futures import Executor

from devices.ports import CashDrawer, Eyes, Printer, Undriven
from domain.ids import RandomBytes
from domain.payment_codes import DEFAULT_RULES, CodeRule
from kiosk_profiles.schema import Profile
from sync.clocks import CorrectedClock
from sync.messages import ActivationAnswer
from sync.outbox import Journal
from sync.replica import Replica
from sync.store import LocalStore
from terminal_app.counter.asking import Asking, Server
from terminal_app.counter.binding import RequestMaker
from terminal_app.counter.identify import Identify
from terminal_app.counter.meals import Meals
from terminal_app.counter.offline import OfflineDesk
from terminal_app.counter.operators import Operators
from terminal_app.counter.parts import Parts
from terminal_app.counter.presence import Presence
from terminal_app.counter.print_spool import PrintSpool
from terminal_app.counter.printing import PrintQueue, copy_mark
from terminal_app.counter.recover import Recovery
from terminal_app.counter.run import Counter, Posted
from terminal_app.counter.shift import Shift
from terminal_app.counter.strip import Strip
from terminal_app.counter.till import Till


def build_counter(
    *,
    profile: Profile,
    binding: ActivationAnswer,
    store: LocalStore,
    journal: Journal,
    replica: Replica,
    clock: CorrectedClock,
    server: Server,
    executor: Executor,
    random: RandomBytes,
    printer: Printer | None = None,
    drawer: CashDrawer | None = None,
    printing: PrintQueue | None = None,
    eyes: Eyes | None = None,
    data_key: Callable[[], bytes | None] = lambda: None,
    hurry: Callable[[], None] = lambda: None,
    sync_now: Callable[[], None] = lambda: None,
    standing: Callable[[], str] = lambda: "",
    not_selling: Callable[[], str] = lambda: "",
    unclaimed: Callable[[], tuple[Undriven, ...]] = tuple,
    shows_codes: Callable[[], bool] = lambda: False,
    code_rules: tuple[CodeRule, ...] = DEFAULT_RULES,
    practise: Callable[[str | None], None] = lambda _pin: None,
    is_practice: bool = False,
) -> Counter:
    """Build one counter; call `start()` and then `step()` again and again on one thread.

    `server` is `sync.client.Client` or a fake; `executor` runs its questions (one worker). `hurry`
    is called after each journalled row, `sync_now` when a person asks; `standing`, `not_selling`
    and `shows_codes` tell what the server last said, `unclaimed` what no driver takes. `practise`
    gets the PIN of who begins, None to leave.
    """
    posted: queue.SimpleQueue[Posted] = queue.SimpleQueue()
    meals = Meals(replica, clock, binding.zone, binding.day_cut_off)
    maker = RequestMaker(binding, clock, random)
    till = Till(journal, clock, maker.new_id, binding.binding_version)
    desk = OfflineDesk(store, replica, meals, profile, binding.merchant_id)
    asking = Asking(server, executor, posted.put, budget_ms=profile.timing.wallet_budget_ms)
    parts = Parts(
        profile=profile,
        binding=binding,
        store=store,
        journal=journal,
        replica=replica,
        clock=clock,
        meals=meals,
        desk=desk,
        identify=_identify(binding, store, replica, meals, desk, profile, clock, code_rules),
        operators=Operators(replica, store),
        maker=maker,
        shift=Shift(store, journal, clock, maker),
        till=till,
        asking=asking,
        recovery=_recovery(journal, replica, till, asking, desk, profile, clock),
        strip=Strip(profile.undo.strip_length),
        presence=Presence(profile.presence, profile.face),
        printing=printing or _paper(printer, drawer, store, profile),
        eyes=eyes,
        data_key=data_key,
        hurry=hurry,
        sync_now=sync_now,
        standing=standing,
        not_selling=not_selling,
        unclaimed=unclaimed,
        shows_codes=shows_codes,
        practise=practise,
        is_practice=is_practice,
    )
    return Counter(parts, posted, random)


def _recovery(
    journal: Journal,
    replica: Replica,
    till: Till,
    asking: Asking,
    desk: OfflineDesk,
    profile: Profile,
    clock: CorrectedClock,
) -> Recovery:
    return Recovery(
        journal, replica, till, asking, desk, is_attended=profile.attended, now=clock.now
    )


def _paper(
    printer: Printer | None, drawer: CashDrawer | None, store: LocalStore, profile: Profile
) -> PrintQueue:
    spool = PrintSpool(store.path.with_name(store.path.name + ".receipts"))
    return PrintQueue(printer, drawer, spool, copy_mark=copy_mark(profile.language))


def _identify(
    binding: ActivationAnswer,
    store: LocalStore,
    replica: Replica,
    meals: Meals,
    desk: OfflineDesk,
    profile: Profile,
    clock: CorrectedClock,
    code_rules: tuple[CodeRule, ...],
) -> Identify:
    return Identify(
        store=store,
        replica=replica,
        meals=meals,
        desk=desk,
        profile=profile,
        clock=clock,
        organisation_id=binding.organisation_id,
        card_key=lambda: binding.card_key,
        code_rules=code_rules,
    )
