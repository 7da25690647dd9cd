"""The shape of one entry."""

from typing import TypedDict


class Text(TypedDict):
    """One sentence in each language, with the same blanks."""

    zh: str
    en: str
