"""EV2 mutual authentication and secure messaging, for DESFire EV2/EV3 and NTAG 424 DNA. Pure.

Both sides prove that they know a key without saying it, and agree on two session keys; from then on
each command and each answer carries a MAC over a counter, so that nothing is replayed or changed.
Sources: NXP AN12196 §5 (worked examples), NT4H2421Gx §9.1, AN12343.

`Session` serves both ends: the counter's, and the virtual card's of the tests.
"""

import hmac
import zlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK = 16
MAC_SIZE = 8
TI_SIZE = 4
CAPABILITIES_SIZE = 6
_ENC_LABEL, _MAC_LABEL = bytes.fromhex("A55A00010080"), bytes.fromhex("5AA500010080")
_COMMAND_LABEL, _ANSWER_LABEL = bytes.fromhex("A55A"), bytes.fromhex("5AA5")
_COUNTER_MAX = 0xFFFF


class NotGenuine(Exception):
    """The other side does not know the key, or something was changed on the way."""


@dataclass(slots=True)
class Session:
    """An authenticated session: two keys, the transaction's identifier, the commands so far."""

    enc_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    ti: bytes
    counter: int = 0

    def mac(self, code: int, data: bytes) -> bytes:
        """MAC over a command or status code, the counter, the identifier and `data`: 8 bytes."""
        head = bytes([code]) + self.counter.to_bytes(2, "little") + self.ti
        return cmac(self.mac_key, head + data)[1::2]

    def step(self) -> None:
        """Count a command that was carried out."""
        if self.counter >= _COUNTER_MAX:
            raise NotGenuine("the session is used up")
        self.counter += 1

    def opened(self, status: int, answer: bytes) -> bytes:
        """Count the command, check the MAC behind `answer` and return its data; `NotGenuine`."""
        self.step()
        data, mac = answer[:-MAC_SIZE], answer[-MAC_SIZE:]
        if len(mac) != MAC_SIZE or not hmac.compare_digest(mac, self.mac(status, data)):
            raise NotGenuine("the answer's MAC is wrong")
        return data

    def sealed(self, data: bytes) -> bytes:
        """Encrypt a command's data, filled up as ISO/IEC 9797-1 method 2 says."""
        filled = (data + b"\x80").ljust((len(data) // BLOCK + 1) * BLOCK, b"\0")
        return _encrypt(self.enc_key, filled, self._iv(_COMMAND_LABEL))

    def unsealed(self, data: bytes) -> bytes:
        """Undo `sealed`, on the card's side; `NotGenuine` when it was filled up otherwise."""
        if not data or len(data) % BLOCK:
            raise NotGenuine("no whole blocks")
        plain = _decrypt(self.enc_key, data, self._iv(_COMMAND_LABEL)).rstrip(b"\0")
        if not plain.endswith(b"\x80"):
            raise NotGenuine("the filling is wrong")
        return plain[:-1]

    def _iv(self, label: bytes) -> bytes:
        text = (label + self.ti + self.counter.to_bytes(2, "little")).ljust(BLOCK, b"\0")
        return Cipher(AES(self.enc_key), ECB()).encryptor().update(text)


@dataclass(frozen=True, slots=True)
class Challenge:
    """The reader's half of the handshake, after the card's first answer."""

    key: bytes = field(repr=False)
    rnd_a: bytes = field(repr=False)
    rnd_b: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes, first_answer: bytes, rnd_a: bytes) -> "Challenge":
        """Take E(K, RndB); `rnd_a` is 16 fresh random bytes. `NotGenuine` when it has no block."""
        if len(first_answer) != BLOCK:
            raise NotGenuine("the card's challenge has not 16 bytes")
        return cls(key, rnd_a, _decrypt(key, first_answer))

    def reply(self) -> bytes:
        """Return E(K, RndA ‖ RndB turned left by a byte)."""
        return _encrypt(self.key, self.rnd_a + turned(self.rnd_b))

    def session(self, second_answer: bytes) -> Session:
        """Check E(K, TI ‖ RndA turned ‖ capabilities) and return the session; `NotGenuine`."""
        if len(second_answer) != 2 * BLOCK:
            raise NotGenuine("the card's proof has not 32 bytes")
        plain = _decrypt(self.key, second_answer)
        ti, proof = plain[:TI_SIZE], plain[TI_SIZE : TI_SIZE + BLOCK]
        if not hmac.compare_digest(proof, turned(self.rnd_a)):
            raise NotGenuine("the card does not know the key")
        return session_of(self.key, self.rnd_a, self.rnd_b, ti)


@dataclass(frozen=True, slots=True)
class CardChallenge:
    """The card's half: what a virtual card needs."""

    key: bytes = field(repr=False)
    rnd_b: bytes = field(repr=False)

    def first(self) -> bytes:
        """Return E(K, RndB)."""
        return _encrypt(self.key, self.rnd_b)

    def second(self, reply: bytes, ti: bytes) -> tuple[bytes, Session]:
        """Check the reader's proof; return the card's and the session. `NotGenuine`."""
        if len(reply) != 2 * BLOCK:
            raise NotGenuine("the reader's proof has not 32 bytes")
        plain = _decrypt(self.key, reply)
        rnd_a = plain[:BLOCK]
        if not hmac.compare_digest(plain[BLOCK:], turned(self.rnd_b)):
            raise NotGenuine("the reader does not know the key")
        proof = ti + turned(rnd_a) + bytes(2 * CAPABILITIES_SIZE)
        return _encrypt(self.key, proof), session_of(self.key, rnd_a, self.rnd_b, ti)


def session_of(key: bytes, rnd_a: bytes, rnd_b: bytes, ti: bytes) -> Session:
    """Derive the session keys (NT4H2421Gx §9.1.7)."""
    mixed = bytes(one ^ other for one, other in zip(rnd_a[2:8], rnd_b[:6], strict=True))
    body = rnd_a[:2] + mixed + rnd_b[6:] + rnd_a[8:]
    return Session(cmac(key, _ENC_LABEL + body), cmac(key, _MAC_LABEL + body), ti)


def key_change(new: bytes, version: int, old: bytes | None) -> bytes:
    """What ChangeKey carries: `old` None when the key authenticated with is the one changed."""
    if old is None:
        return new + bytes([version])
    mixed = bytes(one ^ other for one, other in zip(new, old, strict=True))
    # CRC32NK: the JAM checksum, little-endian
    checksum = (zlib.crc32(new) ^ 0xFFFFFFFF).to_bytes(4, "little")
    return mixed + bytes([version]) + checksum


def cmac(key: bytes, data: bytes) -> bytes:
    """AES-CMAC (RFC 4493), 16 bytes."""
    mac = CMAC(AES(key))
    mac.update(data)
    return mac.finalize()


def turned(block: bytes) -> bytes:
    """Turn left by one byte."""
    return block[1:] + block[:1]


def _encrypt(key: bytes, data: bytes, iv: bytes = bytes(BLOCK)) -> bytes:
    return Cipher(AES(key), CBC(iv)).encryptor().update(data)


def _decrypt(key: bytes, data: bytes, iv: bytes = bytes(BLOCK)) -> bytes:
    return Cipher(AES(key), CBC(iv)).decryptor().update(data)
