"""A key of its own for every card, from one key (NXP AN10922, AES-128). Pure.

Two steps lie between the organisation's master key and a card, so that a stolen counter betrays
neither the master key nor another site:

    master key ──site──▶ site read key ──uid──▶ the card's read key (key 1)
    master key ────────▶ the key that hashes the numbers of bank cards
    master key ──uid───▶ the card's own master key (key 0): only who issues cards has it

A counter holds its site read key, and where bank cards name people the key for these.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

KEY_SIZE = 16
_BLOCK = 16
_AES128 = b"\x01"
"""The constant that AN10922 §2.2 puts in front for AES-128."""
_INPUT_SIZE = 2 * _BLOCK
_SITE, _CARD, _BANK_CARDS = b"FP-SITE", b"FP", b"FP-BANK-CARDS"
_POLYNOMIAL = 0x87


def diversify(key: bytes, diversifier: bytes) -> bytes:
    """Return the key for `diversifier` (1 … 31 bytes), AN10922 §2.2.1.

    Not plain CMAC: the input is always filled up to two blocks.
    """
    if len(key) != KEY_SIZE or not 1 <= len(diversifier) < _INPUT_SIZE:
        raise ValueError("an AES-128 key and 1 to 31 bytes that tell the card apart are needed")
    data = _AES128 + diversifier
    first, second = _subkeys(key)
    if len(data) < _INPUT_SIZE:
        data, first = (data + b"\x80").ljust(_INPUT_SIZE, b"\0"), second
    data = data[:-_BLOCK] + _xor(data[-_BLOCK:], first)
    encryptor = Cipher(AES(key), CBC(bytes(_BLOCK))).encryptor()
    return encryptor.update(data)[-_BLOCK:]


def site_read_key(master_key: bytes, site: str) -> bytes:
    """Return what the counters of one site are given; `site` is its code."""
    code = site.encode()
    if not 1 <= len(code) <= _INPUT_SIZE - 1 - len(_SITE):
        raise ValueError("a site's code has 1 to 24 letters")
    return diversify(master_key, _SITE + code)


def bank_card_key(master_key: bytes) -> bytes:
    """Return what hashes the account numbers of bank cards: the same at every site, because a
    person who enrolled theirs at one is to be known at all.
    """
    return diversify(master_key, _BANK_CARDS)


def card_key(key: bytes, uid: bytes, application: bytes) -> bytes:
    """Return a card's key from a site read key, or from the master key for its key 0."""
    return diversify(key, uid + application + _CARD)


def _subkeys(key: bytes) -> tuple[bytes, bytes]:
    """K1 and K2 of RFC 4493 §2.3."""
    encryptor = Cipher(AES(key), ECB()).encryptor()
    first = _doubled(encryptor.update(bytes(_BLOCK)))
    return first, _doubled(first)


def _doubled(block: bytes) -> bytes:
    value = int.from_bytes(block, "big") << 1
    carry = value >> (8 * _BLOCK)
    return ((value ^ (_POLYNOMIAL * carry)) & ((1 << (8 * _BLOCK)) - 1)).to_bytes(_BLOCK, "big")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
