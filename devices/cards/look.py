"""What a card on a reader is known by, and what that is worth: ours first, then a bank's.

The account number of a bank card can be read by anybody and put on another card: it is worth what
a UID is worth, but it is the same at every tap, as the UIDs of phones and of many bank cards are
not.
"""

from devices.cards.bank_card import identity_of
from devices.cards.prove import Exchange, SiteKeys, is_proven
from devices.ports import Assurance


def looked_at(exchange: Exchange, uid: bytes, keys: SiteKeys | None) -> tuple[bytes, Assurance]:
    """Return what the card is known by and how hard that is to copy.

    Without `keys` the card is asked nothing and is its UID. What `exchange` raises goes on.
    """
    if keys is None:
        return uid, Assurance.CARD_UID
    if is_proven(exchange, uid, keys):
        return uid, Assurance.CARD_MUTUAL
    known_by = identity_of(exchange, keys.bank_card_key) if keys.bank_card_key else None
    return known_by or uid, Assurance.CARD_UID
