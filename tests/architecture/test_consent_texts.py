"""The page about faces and the law shows the very words that people sign."""

from pathlib import Path

from domain.consent_texts import CURRENT, VERSIONS

PAGE = Path(__file__).parents[2] / "docs/face-and-the-law.md"


def test_the_page_shows_the_present_text_word_for_word() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for wording in VERSIONS[CURRENT].values():
        words = (
            wording.title,
            *wording.points,
            wording.photograph,
            wording.agree,
            wording.guardian,
        )
        assert [word for word in words if word not in page] == []
