"""Whatever a profile's text says, it is read whole or refused with a place and two sentences."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from kiosk_profiles.load import FOLDER, ProfileInvalid, known_names, load
from kiosk_profiles.schema import Profile

LINES = [
    line
    for name in known_names()
    for line in (FOLDER / f"{name}.toml").read_text(encoding="utf-8").splitlines()
]
VALUES = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "1e99",
        "nan",
        "true",
        '"x"',
        "[]",
        "{}",
        "[[]]",
        '"""',
        "1979-05-27",
        "12.5",
        "é",
    ]
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A shipped profile with some lines dropped, doubled, swapped or given another value."""
    name = draw(st.sampled_from(known_names()))
    lines = (FOLDER / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        key = lines[at].split("=")[0]
        lines[at] = draw(
            st.one_of(
                st.just(""),
                st.just(f"{lines[at]}\n{lines[at]}"),
                st.sampled_from(LINES),
                VALUES.map(partial("{}= {}".format, key)),
                st.text(max_size=20),
            )
        )
    return "\n".join(lines)


@given(texts())
@example("")
@example("devices = 1")
@example("[devices]\nname = 'x'")
@example('title = "x"')
@example("people = { second_factor = { a = 1, b = 2 } }")
@example("[[devices]]\n[[devices]]\n[devices.settings]\nkind = 1")
def test_it_is_read_or_refused_with_a_place_and_two_sentences(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counter.toml"
        path.write_text(text, encoding="utf-8", errors="replace")
        outcome = _read(path)
        last = max(1, len(path.read_text(encoding="utf-8").splitlines()))

    if isinstance(outcome, Profile):
        assert outcome.name
        return
    assert outcome.mistakes
    for mistake in outcome.mistakes:
        assert 1 <= mistake.line <= last
        assert mistake.sentence("zh") != mistake.sentence("en")
        assert str(path) in mistake.sentence("en")


def _read(path: Path) -> Profile | ProfileInvalid:
    try:
        return load(path)
    except ProfileInvalid as error:
        return error
