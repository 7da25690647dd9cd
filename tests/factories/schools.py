"""A school with counters and an enrolment desk, each with its own replica, around a real server.

Everything is the real thing but the wire's socket and the camera: requests go through the server's
edge, signed; pictures are shown to the desk by hand.
"""

from __future__ import annotations

import random as standard_random
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import cv2
import numpy as np

from devices.ports import Frame
from devices.vision.faces.engine import OnnxFaceEngine
from domain.errors import Unavailable
from server.biometrics import api as biometrics_api
from server.biometrics.work import register_work
from server.config.faces_wiring import read_counters
from server.config.feed_wiring import register_renderers
from server.feed import api as feed_api
from server.feed.epoch import ensure_epoch
from server.feed.sequencer import Sequencer
from server.fleet import api as fleet_api
from sync.clocks import CorrectedClock
from sync.messages import FeedPage, Heartbeat, HeartbeatAnswer, decode, encode
from sync.replica import Applied, Replica
from sync.store import LocalStore
from sync.wire import Call, Reply
from terminal_app.counter.operators import Operators
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.capture import Step
from terminal_app.enrolment.link import ServerLink
from terminal_app.enrolment.looking import Watcher
from terminal_app.enrolment.station import Station
from tests.factories.desks import DeskRows, ink
from tests.factories.server_rows import NOW, Device, Rows
from tests.factories.terminals_api import TerminalsApi
from tests.factories.turned_faces import turn_head, turn_print

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "var/models/face_resnet.onnx"
FACES = ROOT / "var/data"
TURN_DEG = 32.0
SIDES = {Step.FRONT: 0.0, Step.LEFT: TURN_DEG, Step.RIGHT: -TURN_DEG}


@lru_cache(maxsize=1)
def shared_engine() -> OnnxFaceEngine:
    """One for all tests of a process: loading it takes half a second."""
    return OnnxFaceEngine(MODEL)


@lru_cache(maxsize=32)
def shown(photograph: str, turn: Callable[..., np.ndarray], degrees: float) -> np.ndarray:
    """Return a photograph's face, cut out and turned."""
    engine = shared_engine()
    image: Any = cv2.imread(str(FACES / photograph))
    scale = 640 / image.shape[1]
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    face = engine.detect(image)[0]
    half = round(face.box.height * 1.3)
    x, y = (round(value) for value in face.box.centre)
    top, left = max(y - half, 0), max(x - half, 0)
    image = np.ascontiguousarray(image[top : y + half, left : x + half])
    return turn(image, engine.detect(image)[0], degrees) if degrees else image


class AtOnce(Executor):
    """Runs what it is given at once, on the caller's thread."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn`; its exception is in the future, as ever."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


class EdgeLink(ServerLink):
    """The desk's link through the server's edge without a socket; `is_up` False: no answer."""

    def __init__(self, api: TerminalsApi, device: Device, clock: CorrectedClock) -> None:
        super().__init__("http://server", device.key, device.terminal.id, clock)
        self._api, self._device, self.is_up = api, device, True

    def _sent(self, call: Call) -> Reply:
        if not self.is_up:
            raise Unavailable("server.unreachable")
        made = self._api.call(call.method, call.path, call.body, self._device, query=call.query)
        return Reply(made.status_code, made.content)


class Peer:
    """A bound terminal with its replica: pulls and reports as its pump would."""

    def __init__(self, api: TerminalsApi, device: Device, folder: Path) -> None:
        self.api, self.device = api, device
        self.store = LocalStore(folder / f"{device.terminal.id}.sqlite3")
        self.clock = CorrectedClock(api.clock, self.store)
        self.replica = Replica(self.store, self.clock)
        self._random = standard_random.Random(7).randbytes

    def pull(self) -> None:
        """Number what was committed and read it to its end."""
        Sequencer(self._random).step(self.api.clock.now())
        while True:
            asked = self.replica.position()
            query = {"epoch": asked.epoch, "after": str(asked.cursor), "limit": "50"}
            page = decode(
                FeedPage, self.api.call("GET", "/v1/feed", b"", self.device, query=query).content
            )
            if self.replica.apply_page(page, asked) is not Applied.RESTARTED and not page.has_more:
                return

    def report(self) -> HeartbeatAnswer:
        """Send a heartbeat with the cursor reached."""
        at = self.replica.position()
        beat = Heartbeat(
            journal_id=self.device.terminal.id,
            head_sequence=0,
            head_hash=b"",
            acknowledged_sequence=0,
            waiting_count=0,
            waiting_amount=0,
            epoch=at.epoch,
            cursor=at.cursor,
            stamp=self.clock.stamp(),
            software="test",
        )
        answer = self.api.call("POST", "/v1/heartbeat", encode(beat), self.device)
        return decode(HeartbeatAnswer, answer.content)

    def faces(self) -> dict[UUID, np.ndarray]:
        """Return whom this terminal would know, opened with its own key."""
        answer = self.device.answer
        rows = self.replica.templates(answer.data_key, answer.organisation_id).opened
        return {row.person_id: np.frombuffer(row.vector, "<f4") for row in rows}


class ShownCamera:
    """Shows the one picture it was given."""

    name = "camera"

    def __init__(self) -> None:
        self.image: np.ndarray | None = None
        self.is_open = False

    def open(self, now: float) -> None:
        """Light the lamp."""
        self.is_open = True

    def read(self, now: float) -> Frame | None:
        """Return the picture as of now."""
        return None if self.image is None else Frame(self.image, now, self.name)

    def close(self) -> None:
        """Put the lamp out."""
        self.is_open = False


@dataclass(frozen=True)
class Sitter:
    """A photograph of somebody, who turns when asked: as a head does, or as a print."""

    photograph: str
    turn: Callable[..., np.ndarray] = turn_head

    def at(self, degrees: float) -> np.ndarray:
        """Return the picture, turned."""
        return shown(self.photograph, self.turn, degrees)


def print_of(photograph: str) -> Sitter:
    """A print of a photograph, held before the camera and turned."""
    return Sitter(photograph, turn_print)


class School(DeskRows):
    """A site with two counters, a desk and its clerk, and whatever people a test enters."""

    def __init__(self, api: TerminalsApi, folder: Path) -> None:
        super().__init__(Rows())
        rows = self.rows
        ensure_epoch(rows.random)
        register_work(read_counters, rows.random)
        api.serve(feed_api.routes(api.runtime))
        api.serve(fleet_api.routes(api.runtime))
        api.serve(biometrics_api.routes(api.runtime, self.desks))
        register_renderers(api.runtime)
        self.api = api
        self.counters = [
            Peer(api, rows.activated(rows.new_terminal(f"{place} 号窗口")), folder)
            for place in (1, 2)
        ]
        self.clerk.must_change = False
        self.clerk.save()
        self.peer = Peer(api, self.desk, folder)
        self.peer.pull()
        self.engine = shared_engine()
        self.camera, self.now = ShownCamera(), 100.0
        self.link = EdgeLink(api, self.desk, self.peer.clock)
        self.station = Station(
            binding=self.desk.answer,
            link=self.link,
            operators=Operators(self.peer.replica, self.peer.store),
            clock=self.peer.clock,
            executor=AtOnce(),
            random=standard_random.Random(11).randbytes,
            data_key=lambda: self.desk.answer.data_key,
        )
        self.station.watcher = Watcher(self.camera, self.engine, self.station.see)

    def close(self) -> None:
        """Let go of the stores."""
        for peer in (self.peer, *self.counters):
            peer.store.close()
        self.link.close()

    def does(self, *events: m.Event) -> Any:
        """Do things at the desk, one after the other; returns what it shows then."""
        for event in events:
            self.station.post(event)
            self.passes(0.1)
        return self.view

    def passes(self, seconds: float) -> Any:
        """Let time pass at the desk."""
        self.now += seconds
        for _ in range(4):
            self.station.step(self.now)
        assert self.station.watcher is not None
        if self.view.phase is not m.Phase.POSING:
            self.station.watcher.step(self.now)
        return self.view

    @property
    def view(self) -> Any:
        """What the desk shows."""
        return self.station.view(self.now)

    def looks(self, sitter: Sitter, degrees: float, *, times: int = 1) -> Any:
        """The camera sees somebody, turned by so much, for some frames."""
        self.camera.image = sitter.at(degrees)
        for _ in range(times):
            self.now += 0.2
            assert self.station.watcher is not None
            self.station.watcher.step(self.now)
            self.station.step(self.now)
        return self.passes(0.01)

    def poses(self, sitter: Sitter) -> Any:
        """Do what the desk asks, pose by pose, until it asks for nothing more."""
        for _ in range(40):
            posing = self.view.posing
            if posing is None or posing.step is None:
                break
            if posing.step is not Step.FRONT:
                self.looks(sitter, 0.0)  # a head passes the middle on its way
            self.looks(sitter, SIDES[posing.step])
        return self.passes(0.1)

    def signs_in(self) -> Any:
        """The clerk begins."""
        return self.does(m.PinTyped("908070"))


__all__ = ["FACES", "NOW", "Peer", "School", "Sitter", "ink", "print_of"]
