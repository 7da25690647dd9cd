"""A DESFire EV2 and an NTAG 424 DNA as far as Fanpiao speaks to them: what a card does with a
command. It keeps its keys, its files and its session as the real ones do: an error ends the
session, an authentication begins anew, and what is not allowed answers with NXP's status codes.
"""

import secrets
from dataclasses import dataclass, field

from devices.cards.diversify import KEY_SIZE
from devices.cards.ev2 import MAC_SIZE, TI_SIZE, CardChallenge, NotGenuine, Session
from devices.cards.prove import NTAG_424

GET_UID = bytes.fromhex("FFCA000000")
OK, MORE, DUPLICATE = 0x9100, 0x91AF, 0x91DE
ILLEGAL, INTEGRITY, NO_KEY, LENGTH = 0x911C, 0x911E, 0x9140, 0x917E
DENIED, NO_APPLICATION, WRONG_KEY, NO_FILE, BOUNDARY = 0x919D, 0x91A0, 0x91AE, 0x91F0, 0x91BE
ISO_OK, ISO_NOT_FOUND, ISO_NO_CLASS = 0x9000, 0x6A82, 0x6E00
READER, OWNER = 1, 0
_KEY_AND_VERSION, _WITH_CHECKSUM = KEY_SIZE + 1, KEY_SIZE + 5


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


@dataclass(slots=True)
class _Application:
    keys: list[bytes] = field(default_factory=lambda: [bytes(KEY_SIZE), bytes(KEY_SIZE)])
    files: dict[int, bytearray] = field(default_factory=dict)


@dataclass(slots=True)
class Ev2Card:
    """One card. `is_ntag`: an NTAG 424 DNA, whose one application is there from the start."""

    uid: bytes
    is_ntag: bool = False
    _applications: dict[bytes, _Application] = field(default_factory=dict)
    _selected: _Application | None = None
    _challenge: tuple[int, CardChallenge] | None = None
    _session: Session | None = None
    _key_number: int = -1

    def __post_init__(self) -> None:
        if self.is_ntag:
            self._applications[NTAG_424] = _Application()

    def answer(self, apdu: bytes) -> bytes:
        """Carry out one APDU; return data and status word."""
        if apdu == GET_UID:
            return self.uid + ISO_OK.to_bytes(2, "big")
        data, status = self._carried_out(apdu)
        return data + status.to_bytes(2, "big")

    def leave_field(self) -> None:
        """Lose the power: session and selection are gone."""
        self._selected, self._challenge, self._session = None, None, None

    def _carried_out(self, apdu: bytes) -> tuple[bytes, int]:
        try:
            if apdu[:4] == bytes.fromhex("00A4040C") or apdu[:4] == bytes.fromhex("00A40400"):
                return self._select_by_name(apdu[5 : 5 + apdu[4]])
            if apdu[:1] != b"\x90" or len(apdu) < 5:
                return b"", ISO_NO_CLASS
            data = apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b""
            return self._native(apdu[1], data)
        except (_Refused, NotGenuine, IndexError) as error:
            self._session = self._challenge = None
            return b"", getattr(error, "status", INTEGRITY)

    def _select_by_name(self, name: bytes) -> tuple[bytes, int]:
        self.leave_field()
        self._selected = self._applications.get(name)
        return b"", ISO_OK if self._selected and self.is_ntag else ISO_NOT_FOUND

    def _native(self, code: int, data: bytes) -> tuple[bytes, int]:
        match code:
            case 0x71:
                return self._begin(data)
            case 0xAF:
                return self._prove(data)
            case 0xC4:
                return self._change_key(data)
            case 0x5A if not self.is_ntag:
                return self._select(data)
            case 0xCA if not self.is_ntag:
                return self._create_application(data)
            case 0xCD if not self.is_ntag:
                return self._create_file(data)
            case 0x8D if not self.is_ntag:
                return self._write(data)
            case 0xBD if not self.is_ntag:
                return self._read(data)
            case _:
                raise _Refused(ILLEGAL)

    def _select(self, data: bytes) -> tuple[bytes, int]:
        self.leave_field()
        if data != bytes(3) and data not in self._applications:
            raise _Refused(NO_APPLICATION)
        self._selected = self._applications.get(data)
        return b"", OK

    def _create_application(self, data: bytes) -> tuple[bytes, int]:
        if len(data) != 5:
            raise _Refused(LENGTH)
        if data[:3] in self._applications:
            raise _Refused(DUPLICATE)
        self._applications[data[:3]] = _Application()
        return b"", OK

    def _begin(self, data: bytes) -> tuple[bytes, int]:
        self._session = None
        if self._selected is None or len(data) < 2 or data[0] >= len(self._selected.keys):
            raise _Refused(NO_KEY)
        challenge = CardChallenge(self._selected.keys[data[0]], secrets.token_bytes(KEY_SIZE))
        self._challenge = data[0], challenge
        return challenge.first(), MORE

    def _prove(self, data: bytes) -> tuple[bytes, int]:
        if self._challenge is None:
            raise _Refused(ILLEGAL)
        (number, challenge), self._challenge = self._challenge, None
        try:
            answer, self._session = challenge.second(data, secrets.token_bytes(TI_SIZE))
        except NotGenuine as wrong:
            raise _Refused(WRONG_KEY) from wrong
        self._key_number = number
        return answer, OK

    def _opened(self, code: int, data: bytes, allowed: int) -> tuple[Session, bytes, _Application]:
        """Check the session, its right and the command's MAC; return the data without it."""
        if self._session is None or self._selected is None or self._key_number != allowed:
            raise _Refused(DENIED)
        body, mac = data[:-MAC_SIZE], data[-MAC_SIZE:]
        if mac != self._session.mac(code, body):
            raise _Refused(INTEGRITY)
        return self._session, body, self._selected

    def _closed(self, session: Session, data: bytes = b"") -> tuple[bytes, int]:
        session.step()
        return data + session.mac(0, data), OK

    def _create_file(self, data: bytes) -> tuple[bytes, int]:
        session, body, application = self._opened(0xCD, data, OWNER)
        if body[0] in application.files:
            raise _Refused(DUPLICATE)
        application.files[body[0]] = bytearray(int.from_bytes(body[4:7], "little"))
        return self._closed(session)

    def _write(self, data: bytes) -> tuple[bytes, int]:
        session, body, application = self._opened(0x8D, data, OWNER)
        content, offset = _file(application, body), int.from_bytes(body[1:4], "little")
        written = body[7:]
        if offset + len(written) > len(content):
            raise _Refused(BOUNDARY)
        content[offset : offset + len(written)] = written
        return self._closed(session)

    def _read(self, data: bytes) -> tuple[bytes, int]:
        session, body, application = self._opened(0xBD, data, READER)
        content, offset = _file(application, body), int.from_bytes(body[1:4], "little")
        size = int.from_bytes(body[4:7], "little") or len(content) - offset
        if offset + size > len(content):
            raise _Refused(BOUNDARY)
        return self._closed(session, bytes(content[offset : offset + size]))

    def _change_key(self, data: bytes) -> tuple[bytes, int]:
        session, body, application = self._opened(0xC4, data, OWNER)
        number, plain = body[0], session.unsealed(body[1:])
        if number == self._key_number:
            if len(plain) != _KEY_AND_VERSION:
                raise _Refused(INTEGRITY)
            application.keys[number] = plain[:KEY_SIZE]
            self._session = None
            return b"", OK
        old = application.keys[number]
        new = bytes(one ^ other for one, other in zip(plain[:KEY_SIZE], old, strict=True))
        if len(plain) != _WITH_CHECKSUM or plain[_KEY_AND_VERSION:] != _checksum(new):
            raise _Refused(INTEGRITY)
        application.keys[number] = new
        return self._closed(session)


def _file(application: _Application, body: bytes) -> bytearray:
    content = application.files.get(body[0])
    if content is None:
        raise _Refused(NO_FILE)
    return content


def _checksum(key: bytes) -> bytes:
    """CRC32NK bit by bit, so that the emulator does not lean on the code that it tests."""
    crc = 0xFFFFFFFF
    for byte in key:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xEDB88320 if crc & 1 else 0)
    return crc.to_bytes(4, "little")
