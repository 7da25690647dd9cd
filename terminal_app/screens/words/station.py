"""Words of the enrolment desk: the clerk's side and the person's."""

from terminal_app.screens.words.word import Word

WORDS: dict[str, Word] = {
    "desk": {"zh": "人员登记", "en": "Enrolment"},
}
