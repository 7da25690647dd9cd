"""The one card on a PC/SC reader, held for a conversation by a person at a desk."""

from collections.abc import Iterator
from contextlib import contextmanager

from devices.cards.prove import Exchange
from devices.cards.uid import GET_UID, uid_of
from devices.ports import DeviceLost
from devices.transport.pcsc import CardTorn, PcscContext


@contextmanager
def card_at(reader: str) -> Iterator[tuple[Exchange, bytes]]:
    """Yield how to speak to the card and its UID; `DeviceLost` when no one card lies there."""
    context = PcscContext()
    try:
        context.open()
        names = [name for name in context.readers() if reader.lower() in name.lower()]
        if not names:
            raise DeviceLost("devices.absent", reader or "PC/SC reader")
        lying = [slot.reader for slot in context.states(names) if slot.has_card]
        if len(lying) != 1:
            code = "cards.two_at_once" if lying else "cards.none"
            raise DeviceLost(code)
        with context.held(lying[0]) as exchange:
            uid = uid_of(*exchange(GET_UID))
            if uid is None:
                raise CardTorn("no number")
            yield exchange, uid
    except CardTorn as torn:
        raise DeviceLost("cards.torn") from torn
    finally:
        context.close()
