"""What a database error means for a batch: try again, give up for now, or a defect of ours."""

from enum import Enum

from django.db import DatabaseError, InterfaceError, OperationalError


class Failure(Enum):
    """What to do next."""

    AGAIN = "again"
    """Deadlock, serialisation failure, busy: the same batch may well succeed."""
    LOST = "lost"
    """The connection is gone; if that happened in COMMIT, nobody knows what became of it."""
    FULL = "full"
    """No room or no right to write: nothing was stored, and nothing will be for a while."""
    DEFECT = "defect"
    """A command did what cannot be done."""


# PostgreSQL, appendix A of its manual: classes by their first two characters
_AGAIN_STATES = {"40001", "40P01", "55P03"}
_LOST_CLASSES = {"08", "57"}
_FULL_CLASSES = {"53", "58"}
_READ_ONLY_STATE = "25006"
# SQLite says it in words (sqlite3 of Python 3.11 also has codes, but Django hides the original)
_AGAIN_WORDS = ("locked", "busy")
_FULL_WORDS = ("full", "disk i/o", "readonly", "read-only", "unable to open")


def failure_of(error: Exception) -> Failure:
    """Classify `error` as raised by Django's database layer."""
    state = getattr(error.__cause__, "sqlstate", None) or getattr(error, "sqlstate", None)
    if state:
        return _of_state(str(state))
    if not isinstance(error, OperationalError | InterfaceError):
        return Failure.DEFECT
    words = str(error).lower()
    if any(word in words for word in _FULL_WORDS):
        return Failure.FULL
    if any(word in words for word in _AGAIN_WORDS):
        return Failure.AGAIN
    if "no such" in words or "syntax" in words:
        return Failure.DEFECT
    return Failure.LOST


def _of_state(state: str) -> Failure:
    if state in _AGAIN_STATES:
        return Failure.AGAIN
    if state[:2] in _LOST_CLASSES:
        return Failure.LOST
    if state[:2] in _FULL_CLASSES or state == _READ_ONLY_STATE:
        return Failure.FULL
    return Failure.DEFECT


def is_database_error(error: Exception) -> bool:
    """Whether `error` came from the database at all."""
    return isinstance(error, DatabaseError | InterfaceError)
