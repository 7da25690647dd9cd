"""A stolen disk: without the key store its file tells nothing about anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import Refused
from sync import custody
from sync.clocks import CorrectedClock
from sync.keystore import FileKeyStore, TerminalSecrets, store_key
from sync.messages import FeedKind, RecordKind
from sync.outbox import Journal
from sync.replica import Replica
from sync.store import LocalStore
from tests.unit.sync import makers

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NUMBER = "S2024-0815"


class Kiosk:
    """A counter's file with a person, an operator's PIN and a sale in it."""

    def __init__(self, path: Path, key: bytes) -> None:
        clock = makers.HandClock()
        self.store = LocalStore(path, seal_key=key)
        corrected = CorrectedClock(clock, self.store)
        self.journal = Journal(
            self.store, makers.terminal_key(), makers.TERMINAL, corrected, makers.seeded()
        )
        self.replica = Replica(self.store, corrected)

    def fill(self) -> None:
        person = makers.person_row(number=NUMBER, masked_name="欧阳*娜")
        row = makers.feed_row(1, FeedKind.PERSON, str(makers.PERSON), person)
        self.replica.apply_page(makers.page(row), self.replica.position())
        self.store.put_meta("operator_pins", {"a": "scrypt-of-a-pin"}, is_sealed=True)
        self.journal.freeze(makers.request(payer=f"number:{NUMBER}"))
        self.journal.append(RecordKind.EVENT, makers.event("seen 欧阳"))


def everything(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))


SECRETS = (NUMBER.encode(), "欧阳".encode(), b"scrypt-of-a-pin")


def test_the_file_tells_no_name_number_or_pin_and_works_with_its_key(tmp_path: Path) -> None:
    path = tmp_path / "counter.sqlite3"
    kiosk = Kiosk(path, KEY)
    kiosk.fill()
    assert not [secret for secret in SECRETS if secret in everything(path)]
    kiosk.store.close()
    again = Kiosk(path, KEY)
    person = again.replica.person_by_number(NUMBER)
    assert person is not None
    assert person.masked_name == "欧阳*娜"
    assert [one.request.intent.payer for one in again.journal.open_intents()] == [
        f"number:{NUMBER}"
    ]
    assert again.store.meta("operator_pins") == {"a": "scrypt-of-a-pin"}
    assert len(again.journal.lease(10, makers.NOON)) == 2
    again.store.close()


def test_what_was_written_before_there_was_a_key_is_sealed_at_the_next_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "counter.sqlite3"
    clear = Kiosk(path, b"")
    clear.fill()
    assert [secret for secret in SECRETS if secret in everything(path)]
    clear.store.close()
    sealed = Kiosk(path, KEY)
    assert sealed.replica.person_by_number(NUMBER) is not None
    assert len(sealed.journal.lease(10, makers.NOON)) == 2
    assert not [secret for secret in SECRETS if secret in everything(path)]
    sealed.store.close()


def test_another_key_is_refused_and_no_key_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "counter.sqlite3"
    kiosk = Kiosk(path, KEY)
    kiosk.fill()
    kiosk.store.close()
    with pytest.raises(Refused, match=r"storage\.sealed"):
        LocalStore(path, seal_key=OTHER_KEY)
    with LocalStore(path, is_read_only=True) as thief:
        bodies = thief.rows("SELECT unseal(body) FROM feed_row UNION ALL"
                            " SELECT unseal(body) FROM journal")  # fmt: skip
        assert bodies
        assert all(body is None for (body,) in bodies)


def test_the_store_key_is_made_once_and_kept(tmp_path: Path) -> None:
    keys = FileKeyStore(tmp_path / "keys.json")
    assert store_key(keys, makers.seeded()) == b""
    keys.save(TerminalSecrets())
    first = store_key(keys, makers.seeded(1))
    assert len(first) == 32
    assert store_key(keys, makers.seeded(2)) == first


def test_a_revoked_terminal_forgets_its_sales_only_once_all_were_handed_over(
    tmp_path: Path,
) -> None:
    counter = makers.Counter(tmp_path / "counter.sqlite3")
    counter.sell()
    counter.sell()
    assert custody.forget_handed_over(counter.store) == 0
    leased = counter.journal.lease(10, makers.NOON)
    counter.journal.acknowledge([makers.disposition(one) for one in leased], makers.NOON)
    assert custody.forget_handed_over(counter.store) == len(leased) - 1
    assert counter.journal.head().sequence == len(leased)
    assert not counter.store.rows("SELECT * FROM intent")
    counter.close()
