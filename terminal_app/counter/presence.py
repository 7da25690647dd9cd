"""Who is in front of the glass, and whether they mean it: the presence rules P1–P10.

`Presence` is fed with device events and the time, and says what they mean; it does no I/O and
keeps no picture and no vector. P7, P11 and P12 need a person or an amount: they are the machine's.

Rules
- What was there before arming never counts until it has gone (P3, P9, P10).
- What was spent, or refused, stays spent until it has gone (P6); a code that renews itself on a
  phone left lying is still the same phone, because the glass never emptied (P10).
- Only an empty glass said by the scanner empties it; silence alone is not absence.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from devices import ports
from kiosk_profiles.schema import Face
from kiosk_profiles.schema import Presence as PresenceNumbers
from terminal_app.counter import events as on
from terminal_app.counter.events import What
from terminal_app.counter.faces import FaceIdentified, FaceRules, Tracks


@dataclass(frozen=True, slots=True)
class CodeFresh:
    """A code that may pay; what it is, is not known yet."""

    text: str = field(repr=False)
    source: str
    seen_at: float


@dataclass(frozen=True, slots=True)
class CardFresh:
    """A card that may pay."""

    uid: bytes = field(repr=False)
    assurance: int
    reader: str
    seen_at: float


Sign = (
    CodeFresh
    | CardFresh
    | FaceIdentified
    | on.FaceSeen
    | on.FaceMeant
    | on.FaceGone
    | on.SecondFace
    | on.ZoneEmptied
    | on.AnotherPerson
    | on.NotTaken
)
"""What a device event means: something to identify, or already an event of the machine."""


@dataclass(slots=True)
class Glass:
    """One source of codes: empty, or something has been seen and not yet gone."""

    is_empty: bool = True
    last_code_at: float = float("-inf")
    has_gone: bool = True


@dataclass(slots=True)
class Tray:
    """One card reader: what lies there, and since when it does not."""

    uid: bytes | None = None
    gone_at: float = float("-inf")


class Presence:
    """The presence rules over one counter's devices. Not thread-safe: the counter thread's own."""

    def __init__(self, numbers: PresenceNumbers, face: Face) -> None:
        self._card_clear_s = numbers.card_clear_ms / 1000
        self._code_clear_s = numbers.code_clear_ms / 1000
        self._tracks = Tracks(FaceRules.of(numbers, face))
        self._glasses: dict[str, Glass] = {}
        self._trays: dict[str, Tray] = {}
        self._armed_at = float("inf")
        self._spent_card: tuple[str, bytes] | None = None
        self._spent_code = ""
        self._by_type: dict[type, Callable[..., Iterable[Sign]]] = {
            ports.CodeScanned: self._code_scanned,
            ports.CodeGone: self._code_gone,
            ports.CardPresented: self._card_presented,
            ports.CardRemoved: self._card_removed,
            ports.TwoCards: self._two_cards,
        }

    # --- what the machine says ------------------------------------------------------------

    def arm(self, now: float) -> None:
        """From now on something may count; whatever is there already does not."""
        self._armed_at = now
        self._tracks.arm(now)

    def disarm(self) -> None:
        """Nothing counts until the next arming."""
        self._armed_at = float("inf")
        self._tracks.arm(float("inf"))

    def spend(self, what: What, source: str, track_id: int | None, person: str) -> None:
        """P6: at freeze the credential and the track in the zone are used up."""
        if what is What.CARD:
            tray = self._trays.get(source, Tray())
            self._spent_card = (source, tray.uid or b"")
        if what is What.CODE:
            self._spent_code = source
        self._tracks.spend(track_id, person, is_face=what is What.FACE)

    def still_share(self, now: float) -> float:
        """How much of P5's standing still is done, from 0 to 1."""
        return self._tracks.still_share(now)

    def latch(self, track_id: int | None) -> None:
        """A refused track may not try again before it has left."""
        self._tracks.latch(track_id)

    def lose_camera(self, camera: str) -> list[Sign]:
        """The eyes are gone: their tracks mean nothing any more (P7 still knows the person)."""
        return [*self._tracks.lose_camera(), *self.lose_scanner(camera)]

    def lose_scanner(self, source: str) -> list[Sign]:
        """Nobody sees that glass any more: the line does not wait for it to empty. What lay there
        stays spent: it counts again only after the glass has been seen empty (P10).
        """
        if source != self._spent_code:
            return []
        self._spent_code = ""
        return [on.ZoneEmptied(What.CODE)]

    def lose_reader(self, reader: str, now: float) -> list[Sign]:
        """A reader went away: a card in flight was not presented."""
        return list(self._card_removed(ports.CardRemoved(reader, now), now, is_taking=False))

    # --- what the devices say -------------------------------------------------------------

    def see(self, event: ports.Event, now: float, *, is_taking: bool) -> list[Sign]:
        """Say what a device event means. `is_taking`: the machine waits for a payer now."""
        handler = self._by_type.get(type(event))
        if handler is not None:
            return list(handler(event, now, is_taking=is_taking))
        return list(self._tracks.see(event, now, is_taking=is_taking))

    def tick(self, now: float) -> list[Sign]:
        """Say what has cleared by the passing of time."""
        signs: list[Sign] = list(self._tracks.tick(now))
        signs += self._card_cleared(now)
        signs += self._code_cleared(now)
        return signs

    # --- codes ----------------------------------------------------------------------------

    def _code_scanned(
        self, event: ports.CodeScanned, _now: float, *, is_taking: bool
    ) -> Iterable[Sign]:
        glass = self._glasses.setdefault(event.source, Glass())
        # Judged at the code's own time: a step that comes late finds two phones at once
        yield from self._code_cleared(event.seen_at)
        was_empty = glass.is_empty
        glass.is_empty, glass.has_gone = False, False
        glass.last_code_at = event.seen_at
        if not is_taking:
            return
        if was_empty and event.seen_at >= self._armed_at:
            yield CodeFresh(event.text, event.source, event.seen_at)
        else:
            yield on.NotTaken("counters.code_left")

    def _code_gone(self, event: ports.CodeGone, now: float, *, is_taking: bool) -> Iterable[Sign]:
        self._glasses.setdefault(event.source, Glass()).has_gone = True
        return self._code_cleared(max(now, event.seen_at))

    def _code_cleared(self, now: float) -> Iterable[Sign]:
        for source, glass in self._glasses.items():
            is_old = now - glass.last_code_at >= self._code_clear_s
            if glass.is_empty or not glass.has_gone or not is_old:
                continue
            glass.is_empty = True
            if source == self._spent_code:
                self._spent_code = ""
                yield on.ZoneEmptied(What.CODE)

    # --- cards ----------------------------------------------------------------------------

    def _card_presented(
        self, event: ports.CardPresented, now: float, *, is_taking: bool
    ) -> Iterable[Sign]:
        tray = self._trays.setdefault(event.reader, Tray())
        others = [name for name, one in self._trays.items() if one.uid and name != event.reader]
        was_there = tray.uid is not None
        tray.uid = event.uid
        if not is_taking:
            return
        if others:
            yield on.NotTaken("cards.two_at_once")
        elif was_there or event.already_there or not self._is_fresh(event, tray, now):
            yield on.NotTaken("counters.card_left")
        else:
            yield CardFresh(event.uid, int(event.assurance), event.reader, event.seen_at)

    def _is_fresh(self, event: ports.CardPresented, tray: Tray, now: float) -> bool:
        is_spent = self._spent_card == (event.reader, event.uid)
        has_cleared = now - tray.gone_at >= self._card_clear_s
        return event.seen_at >= self._armed_at and not (is_spent and not has_cleared)

    def _card_removed(
        self, event: ports.CardRemoved, now: float, *, is_taking: bool
    ) -> Iterable[Sign]:
        tray = self._trays.setdefault(event.reader, Tray())
        tray.uid, tray.gone_at = None, event.seen_at
        return self._card_cleared(now)

    def _card_cleared(self, now: float) -> Iterable[Sign]:
        if self._spent_card is None:
            return
        tray = self._trays.get(self._spent_card[0], Tray())
        if tray.uid is None and now - tray.gone_at >= self._card_clear_s:
            self._spent_card = None
            yield on.ZoneEmptied(What.CARD)

    def _two_cards(self, event: ports.TwoCards, _now: float, *, is_taking: bool) -> Iterable[Sign]:
        self._trays.setdefault(event.reader, Tray()).uid = b"two"
        if is_taking:
            yield on.NotTaken("cards.two_at_once")
