"""A new terminal in its window: a code by scanner or by hand, every device ticked, and on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt

from devices import ports
from domain.errors import Refused, Unavailable
from domain.messages import Language
from kiosk_profiles.load import load
from sync.keystore import TerminalSecrets
from sync.messages import activation_link
from terminal_app.counter.first_run import (
    Check,
    CheckName,
    CheckState,
    FirstRun,
    FirstRunStage,
    FirstRunView,
)
from terminal_app.counter.parts import Hint
from terminal_app.screens.first_run import SetupWindow
from terminal_app.screens.windows import Look, QmlWindow
from tests.integration.counter.small_server import HandExecutor
from tests.qt.screens.cashier_glass import KEYS, SPILLED
from tests.qt.screens.page_glass import PageGlass
from tests.unit.sync import makers

SMALL_PANEL_DOTS_PER_MM = 5.9
WIDE, SMALL, TALL = (1280, 800), (1024, 600), (1080, 1920)
LINK = activation_link("https://canteen.example", "7K2M-9QXF")


class NewDevice:
    """A first run and its window; `trouble` is what the server answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.trouble: Exception | None = None
        self.pages = 0
        self.executor = HandExecutor()
        profile = load("canteen")
        self.run = FirstRun(profile, self._activate, self.executor, self._print)
        look = Look(profile.language)
        self.glass = PageGlass(lambda: SetupWindow(profile, self.run.post, look), self._pass_on)

    def _activate(self, server: str, code: str) -> TerminalSecrets:
        self.asked.append((server, code))
        if self.trouble is not None:
            raise self.trouble
        return TerminalSecrets(binding=makers.activation_answer())

    def _print(self) -> None:
        self.pages += 1

    def _pass_on(self, window: QmlWindow) -> None:
        for _ in range(2):
            self.run.step(1.0)
        window.show_view(self.run.view())

    def does(self, *events: Any) -> None:
        for event in events:
            self.run.post(event)
        self.glass.refresh()

    def scans(self, text: str) -> None:
        self.does(ports.CodeScanned(text, ports.Symbology.QR, "scanner", 1.0))

    @property
    def stage(self) -> FirstRunStage:
        return self.run.view().stage

    def states(self) -> dict[str, str]:
        return {one.name.value: one.state.value for one in self.run.view().checks}


@pytest.fixture
def device(qapp: object) -> Iterator[NewDevice]:
    made = NewDevice()
    yield made
    made.glass.close()


def test_a_scan_and_five_devices_lead_to_the_counter(device: NewDevice) -> None:
    assert "请扫描激活码" in device.glass.words()
    device.scans(LINK)
    assert "逐个试设备" in device.glass.words()
    device.does(
        ports.CardPresented(
            uid=b"\x04abc", assurance=ports.Assurance.CARD_UID, seen_at=1.0, reader="reader"
        )
    )
    device.glass.tap("print_page", "play", "heard", "skip_look")
    assert device.pages == 1
    assert device.run.view().tone_number == 1
    assert device.states() == {
        "scan": "ok", "tap": "ok", "look": "skipped", "print": "ok", "sound": "ok",
    }  # fmt: skip
    assert "完成，开始使用" in device.glass.words()
    device.glass.tap("done")
    assert device.run.is_done


def test_what_was_not_tried_is_left_out_with_a_word(device: NewDevice) -> None:
    device.scans(LINK)
    assert "跳过其余 4 项" in device.glass.words()
    device.glass.key(Qt.Key.Key_Return)
    assert device.run.is_done
    assert list(device.states().values()).count("skipped") == 4


def test_a_code_is_typed_with_fingers_where_there_is_no_keyboard(device: NewDevice) -> None:
    glass = device.glass
    glass.tap("type", *(f"letter_{one}" for one in "7K2M-9QXFF"), "letter_back", "server")
    glass.tap(*(f"letter_{one}" for one in "10.0.0.2:80"), "bind")
    assert device.asked == [("http://10.0.0.2:80", "7K2M-9QXF")]
    assert device.stage is FirstRunStage.CHECK


def test_a_code_is_typed_on_a_keyboard_with_the_first_letter_kept(device: NewDevice) -> None:
    glass = device.glass
    glass.write("7k2m-9qxf")
    glass.key(Qt.Key.Key_Tab)
    glass.write("canteen.local")
    glass.key(Qt.Key.Key_Return)
    assert device.asked == [("http://canteen.local", "7K2M-9QXF")]


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (Refused("activation.expired_code"), "请管理员重新生成"),
        (Unavailable("activation.server_unreachable"), "请检查地址和网络"),
        (Refused("activation.too_many_tries"), "请稍后再试"),
    ],
)
def test_what_the_server_will_not_take_is_said_with_what_to_do(
    device: NewDevice, trouble: Exception, says: str
) -> None:
    device.trouble = trouble
    device.scans(LINK)
    assert says in device.glass.words()
    device.glass.tap("type")
    assert says in device.glass.words()
    device.trouble = None
    device.scans(LINK)
    assert device.stage is FirstRunStage.CHECK


def test_another_code_and_an_address_that_is_none_are_explained(device: NewDevice) -> None:
    device.scans("134567890123456789")
    assert "这不是激活码" in device.glass.words()
    device.glass.tap("type", "letter_7", "server", *["letter_back"] * 7, "bind")
    assert "http://" in device.glass.words()
    assert device.asked == []


def test_while_the_server_is_asked_nothing_is_sent_twice(device: NewDevice) -> None:
    device.executor.is_immediate = False
    device.scans(LINK)
    assert "正在连接服务器" in device.glass.words()
    assert not device.glass.has("type")


def test_a_device_that_is_not_there_says_so_on_its_line(device: NewDevice) -> None:
    device.scans(LINK)
    device.does(
        ports.DeviceHealth("reader", "card_reader", ports.HealthState.LOST, 1.0, "devices.absent")
    )
    assert "未连接" in device.glass.words()


def test_without_anything_that_scans_it_says_to_type(device: NewDevice) -> None:
    for one in load("canteen").devices:
        if one.kind in ("scanner", "camera"):
            assert "都没有连上" not in device.glass.words()
            lost = ports.HealthState.LOST
            device.does(ports.DeviceHealth(one.name, one.kind, lost, 1.0, "devices.absent"))
    assert "都没有连上" in device.glass.words()


def views() -> dict[str, FirstRunView]:
    """Every page, each with the most it ever shows."""
    states = (CheckState.OK, CheckState.WAITING, CheckState.WAITING, CheckState.FAILED,
              CheckState.WAITING)  # fmt: skip
    lost = ports.DeviceHealth("reader", "card_reader", ports.HealthState.LOST, 1.0, "devices.lost")
    code = FirstRunView(FirstRunStage.CODE, "zh")
    gone = tuple(
        ports.DeviceHealth(one.name, one.kind, ports.HealthState.LOST, 1.0, "devices.lost")
        for one in load("canteen").devices
    )
    check = replace(
        code,
        stage=FirstRunStage.CHECK,
        merchant_name="示例大学后勤集团餐饮服务中心",
        store_name="第一食堂二楼风味餐厅",
        terminal_name="12 号窗口",
        checks=tuple(
            Check(name, state, "devices.lost" if state is CheckState.FAILED else "")
            for name, state in zip(CheckName, states, strict=True)
        ),
        devices=(lost,),
    )
    skipped = tuple(Check(name, CheckState.SKIPPED) for name in CheckName)
    return {
        "code": code,
        "no_scan": replace(code, devices=gone, refusal=Hint("activation.not_a_code")),
        "refused": replace(code, refusal=Hint("activation.server_unreachable")),
        "asking": replace(
            code, stage=FirstRunStage.ASKING, server="https://fanpiao.canteen.example.edu.cn:8443"
        ),
        "check": check,
        "done": replace(check, stage=FirstRunStage.DONE, checks=skipped),
    }


@pytest.mark.parametrize(
    ("size", "language", "is_large"),
    [
        (WIDE, "zh", False),
        (WIDE, "en", True),
        (SMALL, "en", True),
        (TALL, "zh", True),
        (TALL, "en", False),
    ],
)
def test_every_page_fits_its_glass(
    qapp: object, size: tuple[int, int], language: Language, is_large: bool
) -> None:
    profile, look = load("canteen"), Look(language, is_large, is_large)
    glass = PageGlass(lambda: SetupWindow(profile, lambda _: None, look), size=size)
    wrong: dict[str, list[str]] = {}
    for name, view in views().items():
        glass.page.show_view(view)
        glass.settle()
        if found := [*glass.find(SPILLED), *glass.find(BELOW)]:
            wrong[name] = found
        if name in ("code", "refused"):
            glass.tap("type")
            if found := [*glass.find(SPILLED), *glass.find(BELOW)]:
                wrong[f"{name}, typed"] = found
            glass.tap("scanInstead")
    glass.close()
    assert wrong == {}


BELOW = """
return found.filter(item => item.trigger !== undefined).filter(item => {
    const from = item.mapToItem(null, 0, 0), to = item.mapToItem(null, item.width, item.height)
    return from.y < -1 || to.y > glass.height + 1
}).map(item => item.objectName)
"""


def test_no_key_is_smaller_than_a_finger_in_a_glove(qapp: object) -> None:
    profile = load("canteen")
    glass = PageGlass(
        lambda: SetupWindow(profile, lambda _: None, Look()), dots_per_mm=SMALL_PANEL_DOTS_PER_MM
    )
    small: dict[str, float] = {}
    for name, view in views().items():
        glass.page.show_view(view)
        glass.settle()
        if glass.has("type"):
            glass.tap("type")
        for key, side in glass.find(KEYS):
            if side < 15 * SMALL_PANEL_DOTS_PER_MM - 1:
                small[f"{name}: {key}"] = side
    glass.close()
    assert small == {}
