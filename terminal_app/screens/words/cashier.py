"""Words of the cashier's side."""

from terminal_app.screens.words.word import Word

WORDS: dict[str, Word] = {
    "keyedLine": {"zh": "金额", "en": "Amount"},
}
