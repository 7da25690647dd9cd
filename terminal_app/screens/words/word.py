"""The shape of one word."""

from typing import TypedDict


class Word(TypedDict):
    """A label in each language, with the same `%1`, `%2`."""

    zh: str
    en: str
