"""One page of the feed as a terminal may see it."""

import logging
from collections import defaultdict

from server.feed.epoch import read_state
from server.feed.models import Marker
from server.feed.renderers import renderer_of
from server.http import TerminalIdentity
from sync.messages import FeedKind, FeedPage, FeedRow

log = logging.getLogger(__name__)

Place = tuple[str, str]


def scopes_of(terminal: TerminalIdentity) -> tuple[str, ...]:
    """What concerns `terminal`: its organisation, site, merchant, store and itself."""
    return (
        f"organisation:{terminal.organisation_id}",
        f"site:{terminal.site_id}",
        f"merchant:{terminal.merchant_id}",
        f"store:{terminal.store_id}",
        f"terminal:{terminal.terminal_id}",
    )


def read_page(
    terminal: TerminalIdentity, epoch: str, after: int, limit: int, horizon: int = 0
) -> FeedPage:
    """Read up to `limit` rows after the number `after` of `epoch`, oldest change first.

    Another epoch, a cursor below the horizon or one from the future means `rebuild`: the
    counter starts at 0. One that does so names the `horizon` it began under: until it is through,
    its cursor lies below, and it misses nothing as long as that is still the horizon. A page
    without more ends at the feed's last number, since whatever is not in it does not concern this
    terminal.
    """
    state = read_state()  # before the markers: all up to its last number is visible to us
    is_lost = after > 0 and (
        epoch != state.epoch or after > state.last_number or after < state.horizon != horizon
    )
    if is_lost:
        return FeedPage(epoch=state.epoch, rows=(), cursor=0, has_more=True, rebuild=True,
                        horizon=state.horizon)  # fmt: skip
    found = list(
        Marker.objects.filter(
            organisation=terminal.organisation_id,
            scope__in=scopes_of(terminal),
            number__gt=after,
            number__lte=state.last_number,
        )
        .order_by("number")
        .values_list("number", "kind", "entity", "tombstone")[: limit + 1]
    )
    has_more, found = len(found) > limit, found[:limit]
    rows = _render(terminal, found)
    cursor = (found[-1][0] or 0) if has_more else max(after, state.last_number)
    return FeedPage(epoch=state.epoch, rows=rows, cursor=cursor, has_more=has_more,
                    horizon=state.horizon)  # fmt: skip


def _render(
    terminal: TerminalIdentity, found: list[tuple[int | None, str, str, bool]]
) -> tuple[FeedRow, ...]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for _, kind, entity, tombstone in found:
        if not tombstone:
            wanted[kind].append(entity)
    bodies: dict[Place, bytes] = {}
    unknown: set[str] = set()
    for kind, entities in wanted.items():
        try:
            render = renderer_of(kind)
        except KeyError:
            # Left out, never sent as gone: a counter must not drop what we cannot render
            log.error("no app renders feed rows of kind %s", kind)
            unknown.add(kind)
            continue
        bodies.update(((kind, entity), body) for entity, body in render(terminal, entities).items())
    return tuple(
        FeedRow(number=number or 0, kind=FeedKind(kind), entity=entity,
                body=bodies.get((kind, entity)))
        for number, kind, entity, _ in found
        if kind not in unknown
    )  # fmt: skip
