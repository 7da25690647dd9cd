"""From an empty folder to a desk at work: real loops, simulated devices, windows and all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import cv2
import msgspec
import pytest
from PySide6.QtCore import QTimer

from devices.simulated.scene import Scene, standing_still
from kiosk_profiles.load import load
from kiosk_profiles.schema import Profile
from sync.messages import EnrolmentPerson, PeoplePage, activation_link
from terminal_app.enrolment.desk import EnrolmentDesk
from terminal_app.new_terminal import NewTerminal, is_activated
from terminal_app.screens.first_run import FirstRunKiosk
from terminal_app.screens.kiosk import Shown
from terminal_app.screens.station import StationKiosk
from tests.factories.schools import FACES, shared_engine
from tests.integration.counter import canteen
from tests.integration.sync.loopback_server import Custodian, Got, Loopback, running, said
from tests.journeys.counter.test_a_diner_pays_at_a_running_terminal import SystemTime
from tests.unit.sync import makers

WITHIN_S = 30.0
"""For each step: a loaded machine reads the model and draws slowly."""
EVERY_MS = 30
AGAIN_S = 5.0
"""After so long without an answer somebody taps again."""
LOOKS_S = 120.0
JIA = FACES / "people/sample-01/1.jpg"
PUPIL = EnrolmentPerson(
    person_id=UUID(int=3), number="S001", name="张小明", group="三年二班", standing="consented",
    consent_id=UUID(int=4),
)  # fmt: skip
Step = tuple[Callable[[], bool], Callable[[], Any]]


def desk_profile(*kinds: str) -> Profile:
    """A desk with these devices besides its reader."""
    profile = load("enrolment")
    readers = tuple(one for one in profile.devices if one.kind in ("card_reader", *kinds))
    sounds = msgspec.structs.replace(profile.sounds, enabled=False)
    return msgspec.structs.replace(profile, devices=readers, sounds=sounds)


def played(kiosk: Shown, *steps: Step) -> None:
    """Run the windows; each step is done once its time has come, and then they must end."""
    waiting, deadline = list(steps), time.monotonic() + WITHIN_S

    def look() -> None:
        nonlocal deadline
        if waiting and waiting[0][0]():
            waiting.pop(0)[1]()
            deadline = time.monotonic() + WITHIN_S
        elif time.monotonic() > deadline:
            kiosk._app.exit(1)

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(EVERY_MS)
    try:
        assert kiosk.run() == 0, f"{len(waiting)} steps were waited for in vain"
    finally:
        # A failed test's frame is kept for its report, and its timer must not end the next one's
        timer.stop()
    assert waiting == []


def tapped(view: Any, reader: Any) -> Callable[[], bool]:
    """Tell whether the card on `reader` was found; it is put down again when nothing came of it."""
    put_at = time.monotonic()

    def is_found() -> bool:
        nonlocal put_at
        if view.phase == "pick" and time.monotonic() - put_at > AGAIN_S:
            reader.remove()
            reader.present(canteen.CARD)
            put_at = time.monotonic()
        return bool(view.phase == "person")

    return is_found


def people(got: Got) -> tuple[int, bytes]:
    if "card" in got.query:
        return said(PeoplePage(people=(PUPIL,)))
    return said(PeoplePage(groups=("三年二班",)))


@pytest.fixture
def site() -> Iterator[Loopback]:
    """A server on a free port that binds, feeds operators and knows one pupil."""
    with running() as loopback:
        custodian = Custodian(loopback, clock=SystemTime())
        rows = [
            makers.feed_row(number, kind, entity, row)
            for number, (kind, entity, row) in enumerate(canteen.feed_rows({}), 1)
        ]
        custodian.pages.append(makers.page(*rows, epoch="E1"))
        loopback.routes["/v1/activate"] = lambda _: said(makers.activation_answer())
        loopback.routes["/v1/enrolments/people"] = people
        yield loopback


def test_from_an_empty_folder_to_a_pupil_by_card(
    qapp: object, site: Loopback, tmp_path: Path
) -> None:
    profile = desk_profile()
    _bind(profile, site, tmp_path)
    assert is_activated(tmp_path)
    desk = EnrolmentDesk(profile, tmp_path, is_simulated=True)
    reader: Any = desk.hardware.supervised[0]
    kiosk = StationKiosk(profile, desk, is_framed=True)
    clerk = next(iter(kiosk.windows))
    view: Any = clerk.view
    desk.start()
    try:
        played(
            kiosk,
            (lambda: _has_fed(site), lambda: view.act.signIn(canteen.SUPERVISOR_PIN)),
            (lambda: view.groups == ["三年二班"], lambda: reader.present(canteen.CARD)),
            (lambda: view.person.get("name") == "张小明", clerk.window.close),
        )
        assert view.operatorName == "王主管"
    finally:
        desk.stop()
        kiosk.close()
    assert desk.defect is None


@pytest.mark.pictures
def test_a_face_before_the_camera_is_taken_and_the_camera_is_let_go(
    qapp: object, site: Loopback, tmp_path: Path
) -> None:
    _bind(desk_profile(), site, tmp_path)
    profile = desk_profile("camera")
    desk = EnrolmentDesk(profile, tmp_path, is_simulated=True)
    reader: Any = desk.hardware.supervised[0]
    camera: Any = desk.camera
    kiosk = StationKiosk(profile, desk, is_framed=True)
    clerk = next(iter(kiosk.windows))
    view: Any = clerk.view
    desk.start()
    try:
        played(
            kiosk,
            (lambda: _has_fed(site), lambda: view.act.signIn(canteen.SUPERVISOR_PIN)),
            (
                lambda: view.phase == "pick" and desk.station.watcher is not None,
                lambda: reader.present(canteen.CARD),
            ),
            (tapped(view, reader), view.act.enrol),
            (lambda: view.phase == "posing", lambda: camera.show(scene_of(JIA), time.monotonic())),
            (lambda: view.posing.get("step") in ("left", "right"), view.act.back),
            (lambda: view.phase == "pick", clerk.window.close),
        )
    finally:
        desk.stop()
        kiosk.close()
    assert desk.defect is None


def scene_of(picture: Path) -> Scene:
    """Somebody who stands before the desk and looks."""
    frame: Any = cv2.imread(str(picture))
    faces = shared_engine().detect(frame)
    box = faces[0].box
    actor = standing_still(str(picture), (box.x, box.y, box.width, box.height), LOOKS_S)
    return Scene((actor,), LOOKS_S, seed=2)


def _bind(profile: Profile, site: Loopback, folder: Path) -> None:
    new = NewTerminal(profile, folder, is_simulated=True, server_url=site.url)
    kiosk = FirstRunKiosk(profile, new, time.monotonic, is_framed=True)
    view: Any = kiosk.window.view
    reader: Any = new.hardware.supervised[0]
    new.start()
    try:
        played(
            kiosk,
            (lambda: view.stage == "code", lambda: view.act.bind("134567", "nowhere")),
            (
                lambda: view.refusalText != "",
                lambda: view.act.bind(activation_link(site.url, "7K2M-9QXF"), ""),
            ),
            (lambda: view.stage == "check", lambda: reader.present(canteen.CARD)),
            (lambda: view.openCount == 0, view.act.done),
        )
    finally:
        new.stop()
        kiosk.close()
    assert new.first_run.is_done


def _has_fed(site: Loopback) -> bool:
    """Whether the desk has asked for what comes after the first page: that one is kept."""
    return any(got.path == "/v1/feed" and got.query.get("after") != "0" for got in site.got)


@pytest.mark.parametrize("layout", ["cashier", "shared", "two"])
def test_every_layout_opens_and_ends_when_its_window_is_closed(
    qapp: object, site: Loopback, tmp_path: Path, layout: Any
) -> None:
    base = desk_profile()
    profile = msgspec.structs.replace(
        base, screens=msgspec.structs.replace(base.screens, layout=layout)
    )
    _bind(base, site, tmp_path)
    desk = EnrolmentDesk(profile, tmp_path, is_simulated=True)
    kiosk = StationKiosk(profile, desk, is_framed=True)
    first = next(iter(kiosk.windows))
    desk.start()
    try:
        played(kiosk, (first.window.isVisible, first.window.close))
        assert first.window.property("isAlone") is {"cashier": True, "two": False}.get(layout)
    finally:
        desk.stop()
        kiosk.close()
