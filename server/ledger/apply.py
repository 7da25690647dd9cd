"""The only code that writes an account: lock, read, decide in memory, write (MONEY §4-5).

Rules
- Everything that the commands name is locked first: keys, counters, accounts, each sorted.
- Decisions are made one after the other in memory, each seeing what those before it did; only
  then is anything written, with one statement per table however many commands there are.
- Two commands with a common key are decided in rounds: the later one reads what the earlier
  one wrote. A key that the earlier one only reads asks for no round of its own.
- Two callers only: the writer's thread, and a use-case inside atomic() as its last step.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import Defect
from server.ledger.books import Books
from server.ledger.commands import AccountKey, Command, CounterKey, Key
from server.ledger.locks import forget_keys, lock_accounts, lock_counters, lock_keys
from server.ledger.writes import write
from server.writes import writing

MAX_NEEDS = 3
"""A command may ask for more to be locked this many times; a real one asks once."""


@dataclass(slots=True)
class _Task:
    """A command on its way through a batch, with the counters and accounts it may touch."""

    place: int
    command: Command
    keys: Sequence[Key]
    counters: set[CounterKey]
    accounts: set[AccountKey]
    asked: int = 0


def apply(connection: Any, commands: Sequence[Command], known: set[int] | None = None) -> list[Any]:
    """Apply `commands` inside the open transaction of `connection`; return their answers.

    All of them are applied or, when anything is raised, none: the caller rolls back. `known`
    (ids, as numbers, of accounts that surely exist) saves a statement and is added to; it may be
    out of date.
    Raises `Defect` when a decision breaks a rule of the books.
    """
    assert connection.in_atomic_block, "apply works on an open transaction"
    known = set() if known is None else known
    tasks = [
        # What a command names is asked for once: it may be made anew each time
        _Task(place, command, tuple(command.keys), set(command.counters), set(command.accounts))
        for place, command in enumerate(commands)
    ]
    answers: list[Any] = [None] * len(tasks)
    with connection.cursor() as cursor:
        books = _lock(cursor, tasks, known)
        inserted = frozenset(books.fresh)
        waiting = tasks
        while waiting:
            present, later = _split(waiting)
            again = _decide(cursor, books, present, answers)
            with writing(cursor) as writes:
                write(writes, books)
            _lock_needed(cursor, books, again, known)
            waiting = sorted(again + later, key=lambda task: task.place)
        forget_keys(cursor, inserted & books.fresh)
    known.update(state.id.int for state in books.accounts.values())
    return answers


def _lock(cursor: Any, tasks: Sequence[_Task], known: set[int]) -> Books:
    fresh = lock_keys(cursor, (k for task in tasks for k in task.keys if not k.is_read_only))
    counters = lock_counters(cursor, (c for task in tasks for c in task.counters))
    accounts = lock_accounts(cursor, (a for task in tasks for a in task.accounts), known)
    return Books(fresh, counters, accounts)


def _split(tasks: Sequence[_Task]) -> tuple[list[_Task], list[_Task]]:
    """Split off whoever shares a key with somebody before, so that it reads what that wrote."""
    taken: set[Key] = set()
    present: list[_Task] = []
    later: list[_Task] = []
    for task in tasks:
        (later if not taken.isdisjoint(task.keys) else present).append(task)
        taken.update(key for key in task.keys if not key.is_read_only)
    return present, later


def _decide(cursor: Any, books: Books, tasks: Sequence[_Task], answers: list[Any]) -> list[_Task]:
    """Decide `tasks` in order; return those that need more to be locked."""
    rows = _read(cursor, tasks, books.fresh)
    again = []
    for task in tasks:
        command = task.command
        found = rows.get(command.reader, {})
        decision = command.decide(books.locked_for(task.keys, task.counters, task.accounts, found))
        if decision.needs:
            for need in decision.needs:
                if isinstance(need, AccountKey):
                    task.accounts.add(need)
                else:
                    task.counters.add(need)
            task.asked += 1
            again.append(task)
            continue
        books.take(task.keys, task.accounts, decision)
        answers[task.place] = decision.answer
    return again


def _read(cursor: Any, tasks: Sequence[_Task], fresh: set[Key]) -> Mapping[Any, Mapping[Key, Any]]:
    """Let every kind of command read once, for all of its kind."""
    wanted: dict[Callable[..., Any], list[Key]] = {}
    for task in tasks:
        reader = task.command.reader
        if reader is not None:
            wanted.setdefault(reader, []).extend(task.keys)
    return {reader: reader(cursor, keys, fresh) for reader, keys in wanted.items()}


def _lock_needed(cursor: Any, books: Books, tasks: Sequence[_Task], known: set[int]) -> None:
    """Lock what commands asked for while deciding.

    This is out of order with the locks already held; should two writers meet in it, the
    database ends one of them and it is run again from the start.
    """
    if any(task.asked > MAX_NEEDS for task in tasks):
        raise Defect("a command keeps asking for more to be locked")
    uses = {key for task in tasks for key in task.counters if key not in books.counters}
    books.counters.update(lock_counters(cursor, uses))
    missing = {key for task in tasks for key in task.accounts if key not in books.accounts}
    if missing:
        books.accounts.update(lock_accounts(cursor, missing, known))
