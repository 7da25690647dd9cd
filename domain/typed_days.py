"""Days that people type: none so far off that a clock cannot reckon with them.

The calendar of a computer ends with the years 1 and 9999, and a day added, or a time zone looked
up, beyond either end is an error of arithmetic. A slip such as 0206 or 9999 is told to its writer.
"""

from datetime import date

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)


def typed_day(text: str) -> date | None:
    """Return the day that `text` (ISO 8601) names; None when it names none that can be meant."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if is_possible(day) else None


def is_possible(day: date) -> bool:
    """Whether `day` can be meant."""
    return EARLIEST <= day <= LATEST
