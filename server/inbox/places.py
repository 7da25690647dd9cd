"""The ids of places and records, which follow from the journal."""

from uuid import UUID, uuid5


def place_id(journal_id: UUID, sequence: int) -> UUID:
    """The id of a place in a journal, whatever hash stands there."""
    return uuid5(journal_id, str(sequence))


def record_id(journal_id: UUID, sequence: int, hash_: bytes) -> UUID:
    """The id of one record: its place and its hash."""
    return uuid5(journal_id, f"{sequence}/{hash_.hex()}")
