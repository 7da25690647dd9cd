"""A contactless bank card as far as a reader of account numbers meets it: directory, application,
processing options, records. Written against EMV Book 1 and 3 and not against the reader of it.

It refuses options of another length than it asked for, as real ones do, and any amount but zero:
whoever reads a number must never pay.
"""

from dataclasses import dataclass, field

GET_UID = bytes.fromhex("FFCA000000")
PPSE = b"2PAY.SYS.DDF01"
UNIONPAY_DEBIT = bytes.fromhex("A000000333010101")
_ASKED = bytes.fromhex("9F66049F02069F03069F1A0295055F2A029A039C019F3704")
"""What a UnionPay debit card asks for: TTQ, amounts, country, TVR, currency, date, type, number."""
_ASKED_SIZE, _AMOUNTS = 33, slice(4, 16)
_ONLINE_REQUIRED = 0x80
OK, NOT_FOUND, WRONG_LENGTH, NO_RECORD, NOT_SO, NO_INSTRUCTION = (
    0x9000, 0x6A82, 0x6700, 0x6A83, 0x6985, 0x6D00,
)  # fmt: skip


def tlv(tag: int, value: bytes) -> bytes:
    """One element."""
    head = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    size = bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
    return head + size + value


@dataclass(slots=True)
class BankCard:
    """One card with one application. `in_options`: its track 2 comes with the options already."""

    uid: bytes
    number: str = field(repr=False)
    in_options: bool = False
    application: bytes = UNIONPAY_DEBIT
    _selected: bytes = b""

    def answer(self, apdu: bytes) -> bytes:
        """Carry out one APDU; return data and status word."""
        if apdu == GET_UID:
            return self.uid + OK.to_bytes(2, "big")
        data, status = self._carried_out(apdu)
        return data + status.to_bytes(2, "big")

    def leave_field(self) -> None:
        """Lose the power."""
        self._selected = b""

    def _carried_out(self, apdu: bytes) -> tuple[bytes, int]:
        match apdu[:2]:
            case b"\x00\xa4":
                return self._select(apdu[5 : 5 + apdu[4]])
            case b"\x80\xa8" if self._selected == self.application:
                return self._options(apdu[5 : 5 + apdu[4]])
            case b"\x00\xb2" if self._selected == self.application:
                return self._record(apdu[3] >> 3, apdu[2])
        return b"", NO_INSTRUCTION

    def _select(self, name: bytes) -> tuple[bytes, int]:
        if name not in (PPSE, self.application):
            return b"", NOT_FOUND
        self._selected = name
        if name == PPSE:
            entry = tlv(0x4F, self.application) + tlv(0x50, b"PBOC DEBIT") + tlv(0x87, b"\x01")
            inside = tlv(0xBF0C, tlv(0x61, entry))
        else:
            inside = tlv(0x50, b"PBOC DEBIT") + tlv(0x87, b"\x01") + tlv(0x9F38, _ASKED)
        return tlv(0x6F, tlv(0x84, name) + tlv(0xA5, inside)), OK

    def _options(self, data: bytes) -> tuple[bytes, int]:
        told = data[2:]
        if data[:2] != bytes([0x83, _ASKED_SIZE]) or len(told) != _ASKED_SIZE:
            return b"", WRONG_LENGTH
        if any(told[_AMOUNTS]) or not told[1] & _ONLINE_REQUIRED:
            return b"", NOT_SO
        files = bytes.fromhex("0801020010010100")
        if self.in_options:
            return tlv(0x77, tlv(0x82, b"\x7c\0") + tlv(0x57, self._track_2()) + tlv(0x94, b"")), OK
        return tlv(0x80, b"\x7c\0" + files), OK

    def _record(self, file: int, number: int) -> tuple[bytes, int]:
        records = {
            (1, 1): tlv(0x5F24, bytes.fromhex("301231")),
            (1, 2): tlv(0x5A, self._packed("F")) + tlv(0x5F34, b"\x01"),
            (2, 1): tlv(0x57, self._track_2()),
        }
        if (file, number) not in records:
            return b"", NO_RECORD
        return tlv(0x70, records[file, number]), OK

    def _track_2(self) -> bytes:
        return bytes.fromhex((self.number + "D3012220000000000F").ljust(38, "F")[:38])

    def _packed(self, filler: str) -> bytes:
        return bytes.fromhex(self.number + filler * (len(self.number) % 2))
