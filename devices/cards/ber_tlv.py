"""BER-TLV as bank cards write it (EMV 4.3 Book 3, Annex B; ISO/IEC 7816-4 §5.2.2). Pure.

What a card says is taken for nothing: tags and lengths are bounded, nesting too.
"""

from collections.abc import Iterator

DEPTH_MAX = 8
_TAG_BYTES_MAX = 3
_LENGTH_BYTES_MAX = 2
_MORE_TAG, _CONSTRUCTED, _LONG = 0x1F, 0x20, 0x80


class BadTlv(ValueError):
    """Bytes that are no BER-TLV; never holds them."""

    def __init__(self) -> None:
        super().__init__("no BER-TLV")


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each element of one level; `BadTlv` where it is none.

    Zero bytes before, between and after elements are padding (Annex B1).
    """
    at = 0
    while at < len(data):
        if data[at] == 0:
            at += 1
            continue
        tag, at = _tag(data, at)
        size, at = _length(data, at)
        if at + size > len(data):
            raise BadTlv
        yield tag, data[at : at + size]
        at += size


def found(data: bytes, wanted: int, depth: int = 0) -> Iterator[bytes]:
    """Yield the value of every element with this tag, in order, also inside constructed ones."""
    if depth > DEPTH_MAX:
        raise BadTlv
    for tag, value in elements(data):
        if tag == wanted:
            yield value
        elif _is_constructed(tag):
            yield from found(value, wanted, depth + 1)


def tags_and_lengths(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield what a data object list asks for: a tag and a length each (Book 3 §5.4)."""
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        size, at = _length(data, at)
        yield tag, size


def _tag(data: bytes, at: int) -> tuple[int, int]:
    end = at + 1
    if data[at] & _MORE_TAG == _MORE_TAG:
        while True:
            if end >= len(data) or end - at >= _TAG_BYTES_MAX:
                raise BadTlv
            end += 1
            if not data[end - 1] & _LONG:
                break
    return int.from_bytes(data[at:end], "big"), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise BadTlv
    first = data[at]
    if not first & _LONG:
        return first, at + 1
    count = first ^ _LONG
    end = at + 1 + count
    if not 1 <= count <= _LENGTH_BYTES_MAX or end > len(data):
        raise BadTlv
    return int.from_bytes(data[at + 1 : end], "big"), end


def _is_constructed(tag: int) -> bool:
    first = tag >> (8 * ((tag.bit_length() + 7) // 8 - 1)) if tag else 0
    return bool(first & _CONSTRUCTED)
