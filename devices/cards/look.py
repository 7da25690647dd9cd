"""What a card on a reader is known by, and what that is worth: ours first, then a bank's, then a
social-security card's.

The number of such a card can be read by anybody and put on another card: it is worth what
a UID is worth, but it is the same at every tap, as the UIDs of phones and of many bank cards are
not.
"""

from devices.cards import bank_card, social_card
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
    return _numbered(exchange, keys.bank_card_key) or uid, Assurance.CARD_UID


def _numbered(exchange: Exchange, key: bytes) -> bytes | None:
    if not key:
        return None
    return bank_card.identity_of(exchange, key) or social_card.identity_of(exchange, key)
