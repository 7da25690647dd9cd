"""The feed hides nothing: numbers follow commits, pages follow numbers."""

import os
import threading
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from server.feed import renderers
from server.feed.effects import FeedChange, mark
from server.feed.epoch import ensure_epoch, read_state, rebuild
from server.feed.horizon import KEPT_FOR
from server.feed.models import Marker, Waymark
from server.feed.read_page import read_page
from server.feed.sequencer import Sequencer
from server.http import TerminalIdentity
from server.writes import write_now
from sync.messages import FeedKind, FeedPage
from tests.factories.clocks import NOON
from tests.factories.ledger import ORGANISATION, an_id

SITE = an_id()
SCOPE = f"site:{SITE}"
GONE = "gone"


def terminal(site_id: UUID = SITE, organisation_id: UUID = ORGANISATION) -> TerminalIdentity:
    return TerminalIdentity(
        an_id(), organisation_id, site_id, an_id(), an_id(), 1, "k", b"", "active", "一号机"
    )


def render(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    return {entity: entity.encode() for entity in entities if entity != GONE}


@pytest.fixture(autouse=True)
def _rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderers, "_renderers", {FeedKind.PERSON: render})


def changed(*entities: str, scope: str = SCOPE, tombstone: bool = False) -> None:
    with transaction.atomic():
        for entity in entities:
            mark(ORGANISATION, scope, FeedKind.PERSON, entity, tombstone=tombstone)


def numbered() -> int:
    return Sequencer(os.urandom).step(NOON)


def pull(after: int = 0, limit: int = 500, epoch: str | None = None) -> FeedPage:
    return read_page(terminal(), read_state().epoch if epoch is None else epoch, after, limit)


def test_a_change_is_in_the_feed_once_it_has_a_number(database: str) -> None:
    changed("a")
    assert pull().rows == ()

    assert numbered() == 1

    page = pull()
    assert [(row.number, row.entity, row.body) for row in page.rows] == [(1, "a", b"a")]
    assert (page.cursor, page.has_more, page.rebuild) == (1, False, False)


def test_a_second_change_moves_the_entity_to_the_end(database: str) -> None:
    changed("a", "b")
    numbered()
    changed("a")
    numbered()

    assert [row.entity for row in pull().rows] == ["b", "a"]
    assert [row.entity for row in pull(after=2).rows] == ["a"]


def test_pages_follow_each_other_without_gap_or_repeat(database: str) -> None:
    changed(*[f"{n:02}" for n in range(25)])
    numbered()

    seen, cursor, more = list[str](), 0, True
    while more:
        page = pull(after=cursor, limit=7)
        seen += [row.entity for row in page.rows]
        cursor, more = page.cursor, page.has_more

    assert sorted(seen) == [f"{n:02}" for n in range(25)]
    assert cursor == 25


def test_a_tombstone_and_a_row_nobody_renders_have_no_body(database: str) -> None:
    changed("a", tombstone=True)
    changed(GONE)
    numbered()

    assert [(row.entity, row.body) for row in pull().rows] == [("a", None), (GONE, None)]


def test_a_kind_without_a_renderer_is_left_out_not_sent_as_gone(database: str) -> None:
    with transaction.atomic():
        mark(ORGANISATION, SCOPE, FeedKind.CARD, "c")
    numbered()

    assert pull().rows == ()


def test_a_terminal_sees_its_own_scopes_only(database: str) -> None:
    changed("theirs", scope=f"site:{an_id()}")
    changed("ours")
    numbered()

    assert [row.entity for row in pull().rows] == ["ours"]
    assert read_page(terminal(organisation_id=an_id()), "", 0, 9).rows == ()


def test_a_change_rolled_back_leaves_no_mark(database: str) -> None:
    with transaction.atomic():
        mark(ORGANISATION, SCOPE, FeedKind.PERSON, "a")
        transaction.set_rollback(True)

    assert numbered() == 0


def test_an_open_transaction_hides_nothing(postgresql_database: str) -> None:
    """It commits after later changes were numbered and read, and is read all the same."""
    marked, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            mark(ORGANISATION, SCOPE, FeedKind.PERSON, "slow")
            marked.set()
            assert may_commit.wait(timeout=10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert marked.wait(timeout=10)
    changed("fast")
    numbered()
    first = pull()
    assert [row.entity for row in first.rows] == ["fast"]
    may_commit.set()
    thread.join(timeout=10)
    numbered()

    assert [row.entity for row in pull(after=first.cursor).rows] == ["slow"]


def test_only_one_sequencer_numbers(postgresql_database: str) -> None:
    changed("a")
    ensure_epoch(os.urandom)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x66656564])
            held.set()
            assert done.wait(timeout=10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(timeout=10)
    assert numbered() == 0
    done.set()
    thread.join(timeout=10)
    assert numbered() == 1


@pytest.mark.parametrize("after", [3, 99])
def test_another_epoch_or_a_cursor_from_the_future_means_rebuild(after: int, database: str) -> None:
    changed("a", "b", "c", "d")
    numbered()

    assert pull(after=after, epoch="another").rebuild
    assert pull(after=99).rebuild
    assert pull(after=0, epoch="another").rows


def test_a_rebuild_starts_a_new_epoch_and_drops_tombstones(database: str) -> None:
    changed("a")
    changed("b", tombstone=True)
    numbered()
    old = read_state().epoch

    rebuild(os.urandom)

    assert pull(after=2, epoch=old).rebuild
    assert [row.entity for row in pull().rows] == ["a"]
    assert set(Marker.objects.values_list("entity", flat=True)) == {"a"}


def test_what_is_gone_for_long_is_pruned_and_who_may_have_missed_it_starts_anew(
    database: str,
) -> None:
    sequencer = Sequencer(os.urandom)
    changed("old", tombstone=True)
    with transaction.atomic():
        mark(ORGANISATION, SCOPE, FeedKind.TEMPLATE, "face", tombstone=True)
    changed("here")
    sequencer.step(NOON)
    seen = pull().cursor
    changed("young", tombstone=True)
    sequencer.step(NOON + KEPT_FOR - timedelta(minutes=1))
    assert read_state().horizon == 0
    sequencer.step(NOON + KEPT_FOR + timedelta(hours=1))
    assert (read_state().horizon, Marker.objects.count()) == (seen, 4)
    assert not pull(after=seen).rebuild
    assert pull(after=seen - 1).rebuild
    sequencer.step(NOON + KEPT_FOR + timedelta(hours=2))
    assert set(Marker.objects.values_list("entity", flat=True)) == {"face", "here", "young"}
    assert Waymark.objects.count() == 2


def test_whoever_starts_anew_below_the_horizon_comes_through(database: str) -> None:
    sequencer = Sequencer(os.urandom)
    changed(*"abcdef")
    sequencer.step(NOON)
    sequencer.step(NOON + KEPT_FOR)
    state = read_state()
    assert state.horizon == state.last_number
    first = pull(limit=2)
    assert pull(after=first.cursor, limit=2).rebuild
    read, page = list(first.rows), first
    while page.has_more:
        page = read_page(terminal(), state.epoch, page.cursor, 2, first.horizon)
        read += page.rows
    assert sorted(row.entity for row in read) == [*"abcdef"]
    # The horizon moved on while it was away: what was deleted meanwhile it may have missed
    changed("g")
    sequencer.step(NOON + KEPT_FOR + timedelta(days=1))
    sequencer.step(NOON + 2 * KEPT_FOR + timedelta(days=2))
    assert read_page(terminal(), state.epoch, first.cursor, 2, first.horizon).rebuild


def test_an_idle_sequencer_writes_a_sign_of_life_and_no_more(database: str) -> None:
    sequencer = Sequencer(os.urandom)
    sequencer.step(NOON)
    with connection.execute_wrapper(_reads_only):
        assert sequencer.step(NOON + timedelta(milliseconds=50)) == 0


def _reads_only(execute, sql, params, many, context):
    assert sql.startswith("SELECT"), sql
    return execute(sql, params, many, context)


def test_the_last_of_two_changes_in_one_batch_counts(database: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(
            cursor,
            [
                FeedChange(ORGANISATION, SCOPE, FeedKind.PERSON, "a"),
                FeedChange(ORGANISATION, SCOPE, FeedKind.PERSON, "a", tombstone=True),
            ],
        )

    assert Marker.objects.get().tombstone
