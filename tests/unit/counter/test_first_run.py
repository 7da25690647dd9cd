"""A new terminal, step by step: its code, its devices, and nothing before it is bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from devices import ports
from domain.errors import Refused, Unavailable
from kiosk_profiles.load import load
from sync.keystore import TerminalSecrets
from sync.messages import activation_link
from terminal_app.counter.first_run import (
    CheckName,
    ChecksDone,
    CheckSkipped,
    CheckState,
    CodeTyped,
    FirstRun,
    FirstRunStage,
    PrintTried,
    SoundHeard,
    SoundTried,
)
from tests.integration.counter.small_server import HandExecutor
from tests.unit.sync import makers

LINK = activation_link("https://canteen.example", "7K2M-9QXF")


class Desk:
    """A new canteen terminal; `answer` is what activation does."""

    def __init__(self, server: str = "") -> None:
        self.asked: list[tuple[str, str]] = []
        self.executor = HandExecutor()
        self.trouble: Exception | None = None
        self.pages = 0
        self.printer_is_away = False
        self.run = FirstRun(load("canteen"), self._activate, self.executor, self._print, server)

    def _activate(self, server: str, code: str) -> TerminalSecrets:
        self.asked.append((server, code))
        if self.trouble is not None:
            raise self.trouble
        return TerminalSecrets(binding=makers.activation_answer())

    def _print(self) -> None:
        if self.printer_is_away:
            raise ports.DeviceLost("devices.lost")
        self.pages += 1

    def post(self, *posted: Any) -> None:
        for one in posted:
            self.run.post(one)
        self.run.step(1.0)
        self.run.step(1.0)

    def scan(self, text: str) -> None:
        self.post(ports.CodeScanned(text, ports.Symbology.QR, "scanner", 1.0))

    def state(self, name: CheckName) -> CheckState:
        return next(one.state for one in self.run.view().checks if one.name is name)

    @property
    def stage(self) -> FirstRunStage:
        return self.run.view().stage


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_one_scan_binds_it_and_shows_where(desk: Desk) -> None:
    desk.scan(LINK)
    assert desk.asked == [("https://canteen.example", "7K2M-9QXF")]
    view = desk.run.view()
    assert view.stage is FirstRunStage.CHECK
    assert view.terminal_name == makers.activation_answer().terminal_name
    assert desk.state(CheckName.SCAN) is CheckState.OK


def test_any_other_code_says_what_to_scan_and_asks_nobody(desk: Desk) -> None:
    desk.scan("134567890123456789")
    assert desk.run.view().refusal.code == "activation.not_a_code"
    assert not desk.asked


def test_typed_code_needs_an_address_once(desk: Desk) -> None:
    desk.post(CodeTyped("7K2M-9QXF"))
    assert desk.run.view().refusal.code == "activation.no_server"
    desk.trouble = Refused("activation.unknown_code")
    desk.post(CodeTyped("WRONG", "http://10.0.0.2:8000/"))
    assert desk.run.view().refusal.code == "activation.unknown_code"
    assert desk.stage is FirstRunStage.CODE
    desk.trouble = None
    desk.post(CodeTyped("7K2M-9QXF"))
    assert desk.asked[-1] == ("http://10.0.0.2:8000", "7K2M-9QXF")
    assert desk.stage is FirstRunStage.CHECK


def test_a_server_that_is_away_may_be_asked_again(desk: Desk) -> None:
    desk.trouble = Unavailable("activation.server_unreachable")
    desk.scan(LINK)
    assert desk.run.view().refusal.code == "activation.server_unreachable"
    desk.trouble = None
    desk.scan(LINK)
    assert desk.stage is FirstRunStage.CHECK


def test_while_one_code_is_asked_for_another_is_not(desk: Desk) -> None:
    desk.executor.is_immediate = False
    desk.scan(LINK)
    assert desk.stage is FirstRunStage.ASKING
    desk.scan(LINK)
    desk.post(CodeTyped("OTHER", "http://a"))
    desk.executor.run()
    desk.post()
    assert len(desk.asked) == 1


def test_each_device_is_ticked_by_what_it_did(desk: Desk) -> None:
    desk.scan(LINK)
    mutual: Callable[[str], ports.Event] = lambda reader: ports.CardPresented(  # noqa: E731
        uid=b"\x04abc", assurance=ports.Assurance.CARD_UID, seen_at=1.0, reader=reader
    )
    assert desk.state(CheckName.TAP) is CheckState.WAITING
    desk.post(mutual("reader"), PrintTried(), SoundTried())
    assert desk.state(CheckName.TAP) is CheckState.OK
    assert desk.state(CheckName.PRINT) is CheckState.OK
    assert (desk.pages, desk.run.view().tone_number) == (1, 1)
    assert desk.state(CheckName.SOUND) is CheckState.WAITING
    desk.post(SoundHeard(), CheckSkipped(CheckName.LOOK), ChecksDone())
    assert desk.state(CheckName.SOUND) is CheckState.OK
    assert desk.state(CheckName.LOOK) is CheckState.SKIPPED
    assert desk.run.is_done


def test_a_printer_that_is_away_fails_its_check_and_may_be_tried_again(desk: Desk) -> None:
    desk.scan(LINK)
    desk.printer_is_away = True
    desk.post(PrintTried())
    assert desk.state(CheckName.PRINT) is CheckState.FAILED
    desk.printer_is_away = False
    desk.post(PrintTried())
    assert desk.state(CheckName.PRINT) is CheckState.OK


def test_nothing_is_ticked_or_finished_before_it_is_bound(desk: Desk) -> None:
    desk.post(SoundHeard(), ChecksDone())
    assert desk.state(CheckName.SOUND) is CheckState.WAITING
    assert not desk.run.is_done


def test_what_was_not_tried_counts_as_skipped(desk: Desk) -> None:
    desk.scan(LINK)
    desk.post(ChecksDone())
    waiting = [one for one in desk.run.view().checks if one.state is CheckState.WAITING]
    assert waiting == []


@pytest.mark.parametrize(
    ("server", "code"),
    [
        ("http://fanpiao.example.edu.cn", "activation.not_private"),
        ("https://fanpiao.example.edu.cn@203.0.113.9", "activation.no_server"),
        ("http://a..b", "activation.no_server"),
    ],
)
def test_a_picture_that_leads_elsewhere_is_refused_and_nobody_is_asked(
    desk: Desk, server: str, code: str
) -> None:
    desk.scan(activation_link(server, "7K2M-9QXF"))
    assert desk.run.view().refusal.code == code
    assert desk.stage is FirstRunStage.CODE
    assert not desk.asked


def test_the_address_told_at_the_start_is_not_outdone_by_a_picture() -> None:
    desk = Desk("https://inside.example")
    desk.scan(LINK)
    assert desk.asked == [("https://inside.example", "7K2M-9QXF")]


def test_whatever_goes_wrong_in_asking_is_said_and_the_code_is_in_no_log(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.trouble = RuntimeError("7K2M-9QXF")
    desk.scan(LINK)
    assert desk.run.view().refusal.code == "server.malformed"
    assert desk.stage is FirstRunStage.CODE
    said = capsys.readouterr()
    assert "7K2M" not in said.out + said.err
    assert "RuntimeError" in said.err
