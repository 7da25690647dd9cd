"""PC/SC through pyscard's thin layer: readers, card states, and one command to a card.

Events are counted by the service: the high half of a state word grows with every insertion and
removal, so that a card exchanged between two looks is seen all the same.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from smartcard import scard

from devices.ports import STEP_WAIT_S, DeviceLost

_COUNT_SHIFT = 16
_STORAGE = bytes.fromhex("804F0CA000000306")
"""In the ATR that a reader makes up for a card of memory alone (PC/SC part 3, 3.1.3.2.3.2)."""
_GONE = {
    scard.SCARD_E_NO_SERVICE: "devices.no_service",
    scard.SCARD_E_SERVICE_STOPPED: "devices.no_service",
    scard.SCARD_E_INVALID_HANDLE: "devices.no_service",
    # The service went away in the middle of a call
    scard.SCARD_F_COMM_ERROR: "devices.no_service",
    # So says the library when the service was killed and its socket is still there
    scard.SCARD_W_SECURITY_VIOLATION: "devices.no_service",
    scard.SCARD_E_NO_READERS_AVAILABLE: "devices.absent",
    scard.SCARD_E_UNKNOWN_READER: "devices.lost",
    scard.SCARD_E_READER_UNAVAILABLE: "devices.lost",
}


@dataclass(frozen=True, slots=True)
class SlotState:
    """What one reader slot says: whether a card lies there, and how often that changed so far.

    `is_known` False: the service cannot say, for the reader is being plugged in or out, or reset.
    `is_storage`: what lies there is memory alone (MIFARE Classic, Ultralight, NTAG21x), to which a
    command means nothing.
    """

    reader: str
    has_card: bool
    change_count: int
    word: int
    is_known: bool = True
    is_storage: bool = False


class CardTorn(Exception):
    """The card left, or stopped answering, before the command was answered."""


class PcscContext:
    """A connection to the PC/SC service. Owned by one thread."""

    def __init__(self) -> None:
        self._context: Any = None

    def open(self) -> None:
        """Connect to the service; `DeviceLost` when it does not run."""
        assert self._context is None, "opened twice"
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        if result == scard.SCARD_W_SECURITY_VIOLATION:
            raise DeviceLost("devices.no_permission", "the card service refuses this user")
        _check(result, "service")
        self._context = context

    def readers(self) -> tuple[str, ...]:
        """The names of the readers there are; none is no error."""
        result, names = scard.SCardListReaders(self._context, [])
        if result == scard.SCARD_E_NO_READERS_AVAILABLE:
            return ()
        _check(result, "readers")
        return tuple(sorted(names))

    def states(self, readers: Iterable[str]) -> tuple[SlotState, ...]:
        """What the slots say now, without waiting; `DeviceLost` when the service is gone."""
        asked = [(name, scard.SCARD_STATE_UNAWARE) for name in readers]
        result, states = scard.SCardGetStatusChange(self._context, 0, asked)
        if result != scard.SCARD_E_TIMEOUT:
            _check(result, ", ".join(name for name, _ in asked))
        return tuple(_slot(name, word, bytes(atr)) for name, word, atr in states)

    def wait(self, known: Iterable[SlotState]) -> None:
        """Wait until a slot differs from what is known of it, at most `STEP_WAIT_S`."""
        asked = [(slot.reader, slot.word) for slot in known]
        result, _ = scard.SCardGetStatusChange(self._context, int(STEP_WAIT_S * 1000), asked)
        if result != scard.SCARD_E_TIMEOUT:
            _check(result, ", ".join(name for name, _ in asked))

    def exchange(self, reader: str, command: bytes) -> tuple[bytes, int]:
        """Send one APDU; return the answer's data and status word. `CardTorn` as in `held`."""
        with self.held(reader) as exchange:
            return exchange(command)

    @contextmanager
    def held(self, reader: str) -> Iterator[Callable[[bytes], tuple[bytes, int]]]:
        """Hold the card for a conversation: what is yielded sends one APDU and returns the
        answer's data and status word.

        `CardTorn` when the card or the reader does not carry it through.
        """
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, card, protocol = scard.SCardConnect(
            self._context, reader, scard.SCARD_SHARE_SHARED, protocols
        )
        _check_card(result)
        try:
            yield lambda command: _sent(card, protocol, command)
        finally:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)

    def close(self) -> None:
        """Let go of the service; safe to call more than once."""
        context, self._context = self._context, None
        if context is not None:
            scard.SCardReleaseContext(context)


def _sent(card: int, protocol: int, command: bytes) -> tuple[bytes, int]:
    result, answer = scard.SCardTransmit(card, protocol, list(command))
    _check_card(result)
    if len(answer) < 2:
        raise CardTorn("short answer")
    return bytes(answer[:-2]), int.from_bytes(bytes(answer[-2:]), "big")


def plugged_in() -> tuple[str, ...]:
    """The PC/SC readers of this machine; none when the service does not run."""
    context = PcscContext()
    try:
        context.open()
        return context.readers()
    except DeviceLost:
        return ()
    finally:
        context.close()


def _slot(name: str, word: int, atr: bytes) -> SlotState:
    is_known = not word & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE)
    return SlotState(
        name,
        has_card=is_known and bool(word & scard.SCARD_STATE_PRESENT),
        change_count=(word & 0xFFFFFFFF) >> _COUNT_SHIFT,
        word=word & ~scard.SCARD_STATE_CHANGED,
        is_known=is_known,
        is_storage=_STORAGE in atr,
    )


def _check(result: int, detail: str) -> None:
    if result != scard.SCARD_S_SUCCESS:
        code = _GONE.get(result, "devices.silent")
        raise DeviceLost(code, f"{detail}: {scard.SCardGetErrorMessage(result)}")


def _check_card(result: int) -> None:
    if result in _GONE:
        _check(result, "card")
    if result != scard.SCARD_S_SUCCESS:
        raise CardTorn(scard.SCardGetErrorMessage(result))
