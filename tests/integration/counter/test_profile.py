"""Which profile a terminal runs with: the one the console bound it with, whatever was typed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from domain.errors import Refused
from sync.keystore import FileKeyStore, TerminalSecrets
from terminal_app import main
from terminal_app.terminal import KEYS
from tests.unit.sync.makers import activation_answer

FILE = """name = "{name}"
tenders = ["code"]

[title]
zh = "本窗口"
en = "This counter"

[[devices]]
name = "scanner"
kind = "scanner"
driver = "serial_scanner"
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A terminal that is bound as a shop's till."""
    binding = msgspec.structs.replace(activation_answer(), profile="shop")
    FileKeyStore(tmp_path / KEYS).save(TerminalSecrets(seed=b"s" * 32, binding=binding))
    return tmp_path


def written(folder: Path, name: str) -> str:
    path = folder / "counter.toml"
    path.write_text(FILE.format(name=name), encoding="utf-8")
    return str(path)


def test_before_the_binding_it_is_what_was_typed(tmp_path: Path) -> None:
    assert main._profile("parking", tmp_path, "en").name == "parking"


def test_nothing_typed_is_the_bindings_profile_without_a_word(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main._profile(main.DEFAULT_PROFILE, state, "en").name == "shop"
    assert capsys.readouterr().err == ""


def test_another_name_yields_to_the_binding_and_it_is_said(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main._profile("self_checkout", state, "en").name == "shop"
    said = capsys.readouterr().err
    assert "'shop'" in said
    assert "self_checkout" in said


def test_a_file_of_the_bound_name_describes_this_counter(state: Path) -> None:
    assert main._profile(written(state, "shop"), state, "en").title.en == "This counter"


def test_a_file_of_another_name_yields_too(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main._profile(written(state, "mine"), state, "en").title.en != "This counter"
    assert 'name = "shop"' in capsys.readouterr().err


def test_bound_as_something_nobody_describes_here_is_refused(tmp_path: Path) -> None:
    binding = msgspec.structs.replace(activation_answer(), profile="north")
    FileKeyStore(tmp_path / KEYS).save(TerminalSecrets(seed=b"s" * 32, binding=binding))
    with pytest.raises(Refused, match="terminals.other_profile"):
        main._profile("canteen", tmp_path, "zh")
    assert main._profile(written(tmp_path, "north"), tmp_path, "zh").name == "north"
