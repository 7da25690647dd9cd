"""The glossary has the words we agreed on, each once, with its Chinese."""

import re
from pathlib import Path

GLOSSARY = Path(__file__).parents[3] / "docs" / "glossary.md"
AGREED = [
    "merchant",
    "store",
    "terminal",
    "operator",
    "person",
    "wallet",
    "credential",
    "order",
    "payment",
    "attempt",
    "refund",
    "reversal",
    "channel",
    "route",
    "bill",
    "settlement",
    "payout",
    "exception",
    "campaign",
    "coupon",
    "redemption",
]


def rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "term"]


def test_each_row_has_a_term_its_chinese_and_one_line():
    assert len(rows()) > 80
    for row in rows():
        assert len(row) == 3, row
        assert re.search(r"[\u4e00-\u9fff]", row[1]), row


def test_the_agreed_words_are_there_and_no_word_twice():
    terms = [row[0] for row in rows()]
    assert set(AGREED) <= set(terms)
    assert len(set(terms)) == len(terms)
