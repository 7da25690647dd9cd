"""The screens' own words: labels and headings, which are no sentences and have no code.

One file per side; a word is `{zh, en}` and its blanks are `%1`, `%2` in the order of use. QML reads
them as `view.words.name`, so that they follow the language at once. Sentences for people come from
`domain.messages` instead.
"""

from collections.abc import Mapping
from typing import Final

from domain.messages import Language
from terminal_app.screens.words import both, cashier, diner, first_run, station
from terminal_app.screens.words.word import Word

WORDS: Final[Mapping[str, Word]] = {
    **both.WORDS,
    **cashier.WORDS,
    **diner.WORDS,
    **first_run.WORDS,
    **station.WORDS,
}


def words_in(language: Language) -> dict[str, str]:
    """Return every word in one language."""
    return {name: word[language] for name, word in WORDS.items()}


def word(name: str, language: Language) -> str:
    """Return one word; a name nobody has is a defect and raises `KeyError`."""
    return WORDS[name][language]
