"""Every code has a sentence in both languages, and no code in the source lacks one."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from string import Formatter

import pytest

from domain import texts
from domain.authorization import Decline
from domain.messages import is_known, text
from domain.payment_outcomes import TABLE, CaseKind
from domain.texts import TEXTS

ROOT = Path(__file__).parents[3]
# The front door's own findings (fanpiao/findings.py) carry their sentences with them
PACKAGES = ("domain", "devices", "sync", "kiosk_profiles", "server", "terminal_app")

# Where a dotted code is given to a person: the error roots, decisions, and answers on the wire
RAISED = re.compile(
    r"""\b(?:Refused|Unavailable|Decline|NeedServer|NeedSecondFactor|Failure|failure)\(\s*
        (?:code=)?"([a-z_]+\.[a-z_.]+)\"""",
    re.VERBOSE,
)
# Codes also travel as values: any text that begins like a known code. The server has other dotted
# names (kinds of due rows, permissions), so there only what is named a code counts.
LITERAL = re.compile(r'"([a-z_]+\.[a-z_]+)"')
NAMED = re.compile(r'(?i:code)(?::\s*str)?\s*=\s*"([a-z_]+\.[a-z_]+)"')
NOUNS = frozenset(code.split(".")[0] for code in TEXTS)


def codes_in(source: str, *, is_server: bool = False) -> set[str]:
    raised = set(RAISED.findall(source)) | set(NAMED.findall(source))
    if is_server:
        return raised
    return raised | {code for code in LITERAL.findall(source) if code.split(".")[0] in NOUNS}


def codes_in_the_source() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            for code in codes_in(source, is_server=package == "server"):
                found.setdefault(code, str(path.relative_to(ROOT)))
    return found


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_code_in_the_source_has_its_sentences():
    missing = {code: path for code, path in codes_in_the_source().items() if not is_known(code)}
    assert not missing, f"add these codes to a file of domain/texts: {missing}"


def test_the_search_finds_codes_where_they_are_raised():
    assert codes_in_the_source()["wallets.insufficient"] == "domain/authorization.py"
    assert codes_in('raise Refused(\n    "new.code", age_s=1)') == {"new.code"}
    assert codes_in('CODE: str = "new.made_up"', is_server=True) == {"new.made_up"}
    assert codes_in('why = "codes.made_up"') == {"codes.made_up"}
    assert not codes_in('"payments.refund_wait"', is_server=True)
    assert not codes_in('"file.toml"')


def test_every_code_of_the_outcome_table_has_its_sentences():
    codes = {
        outcome.code
        for cells in TABLE.values()
        for cell in cells.values()
        for _, outcome in cell
        if outcome.code
    }
    assert "tenders.not_offline" in codes
    assert all(is_known(code) for code in codes)


def test_every_kind_of_case_says_what_to_do():
    assert all(is_known(f"cases.{kind}") for kind in CaseKind)


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_both_languages_say_it_with_the_same_blanks(code):
    zh, en = TEXTS[code]["zh"], TEXTS[code]["en"]
    assert blanks(zh) == blanks(en)
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert not re.search(r"[\u4e00-\u9fff]", en)
    assert zh.endswith("。")
    assert en.endswith(".")
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", code)


def test_no_code_stands_in_two_files():
    names = [module.name for module in iter_modules(texts.__path__) if module.name != "text"]
    parts = [import_module(f"domain.texts.{name}").TEXTS for name in names]
    assert len(parts) > 5
    assert sum(len(part) for part in parts) == len(TEXTS)


def test_blanks_are_filled_and_amounts_written_as_money():
    assert text("cash.too_little", {"missing_amount": 350}, "zh").endswith("还差 ¥3.50。")
    assert "left: 3." in text("factors.wrong", {"left": 3}, "en")


def test_a_missing_blank_or_an_odd_amount_never_fails():
    assert "…" in text("factors.wrong", {}, "en")
    assert "soon" in text("cash.too_little", {"missing_amount": "soon"}, "en")


def test_an_unknown_code_is_still_named():
    assert not is_known("nobody.knows")
    assert "nobody.knows" in text("nobody.knows", {}, "zh")
    assert "nobody.knows" in text(Decline("nobody.knows").code, {}, "en")
