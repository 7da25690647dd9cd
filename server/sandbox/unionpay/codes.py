"""Codes to scan, as the gateway hands them out: EMVCo's merchant-presented form."""


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE, bit by bit."""
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
            register &= 0xFFFF
    return register


def code_text(merchant: str, reference: str, amount: int) -> str:
    """Return a code for one order."""
    account = _tlv("00", "cn.95516.sandbox") + _tlv("01", merchant)
    body = (
        _tlv("00", "01") + _tlv("01", "12") + _tlv("26", account) + _tlv("52", "5812")
        + _tlv("53", "156") + _tlv("54", f"{amount // 100}.{amount % 100:02d}") + _tlv("58", "CN")
        + _tlv("59", "SANDBOX CANTEEN") + _tlv("60", "SHANGHAI")
        + _tlv("62", _tlv("05", query_id(reference))) + "6304"
    )  # fmt: skip
    return f"{body}{crc16(body.encode()):04X}"


def query_id(reference: str) -> str:
    """Return a reference in the gateway's 21 digits: the day, and the count's last thirteen."""
    return reference[:8] + reference[-13:]


def _tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"
