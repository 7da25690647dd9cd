"""The one counter of the windowed demo, with everything at the far ends of its wires."""

from __future__ import annotations

import os
from pathlib import Path

from devices.ports import PrinterState
from devices.simulated.bench_printer import BenchPrinter
from devices.simulated.scene import Scene, empty_zone
from domain.messages import Language
from fanpiao.demo.bench import SEED, Bench
from fanpiao.demo.canteen import Canteen
from fanpiao.demo.processes import Child, DemoFailed
from fanpiao.demo.window.cable import Cable
from fanpiao.demo.window.profile import CameraDriver, write_profile

OPENS = (11, 20)
"""Lunch has begun by then, and lasts for two hours."""
DESK = "登记台"
CONTACT = "本机前的演示者 / whoever runs this demo"
SERVERS = "这台电脑 / this computer"
WINDOWS_SHARE = "0.45"
"""Of the screen's width: the kiosk's windows stand at the left, the bench beside them."""


class Stall(Canteen):
    """A canteen with one counter that has windows, a cable to the server and a printer."""

    def __init__(self, folder: Path, language: Language = "zh") -> None:
        super().__init__(folder, OPENS)
        self.language: Language = language
        self.cable = Cable(self.port)
        self.printer = BenchPrinter()
        self.desk_code = ""
        self.is_reader_out = False
        self.card: bytes | None = None
        self.scene = empty_zone(0.1, SEED)
        self.camera = CameraDriver()

    @property
    def bench(self) -> Bench:
        """The counter's process and the far ends of its devices."""
        return self.first

    @property
    def is_on(self) -> bool:
        """Whether the counter's process runs."""
        child = self.benches[0].child if self.benches else None
        return child is not None and child.is_running

    @property
    def is_paper_out(self) -> bool:
        """Whether the printer has no paper."""
        return self.printer.state is PrinterState.PAPER_OUT

    def fill(self) -> None:
        """Make the canteen, and register the desk that enrols whoever tries the webcam."""
        super().fill()
        from django.conf import settings
        from django.db import connection

        from server.biometrics.models import Notice
        from server.config.boot import alone
        from server.fleet.create_activation_code import create_activation_code
        from server.fleet.register_terminal import register_terminal
        from server.fresh import fresh_id
        from server.merchants.models import Store

        now = self.clock.now()
        with alone(str(self.database)):
            store = Store.objects.get(id=self.sample.store_id)
            desk = register_terminal(store, DESK, "enrolment", now=now, random=os.urandom)
            self.desk_code = create_activation_code(
                desk, now=now, random=os.urandom, secrets=settings.SECRETS, created_by="demo"
            )
            Notice.objects.create(
                id=fresh_id(now, os.urandom),
                organisation_id=self.sample.organisation_id,
                contact=CONTACT,
                servers=SERVERS,
                valid_days=1,
            )
            connection.close()

    def open_counter(self) -> None:
        """Activate the counter and give it power; `bench.come_up` waits for it."""
        folder = self.folder / "counter-1"
        folder.mkdir()
        self.benches.append(Bench("counter", self._start, self.timeline, folder))
        self._activate(0)
        self.write(self.camera)
        self.bench.switch_on()

    def write(self, camera: CameraDriver) -> None:
        """Write the counter's profile with this camera; it counts from the next start."""
        self.camera = camera
        write_profile(
            self.bench.folder / "profile.toml",
            port=self.bench.scanner.path,
            printer=self.printer.address,
            camera=camera,
            language=self.language,
        )

    # --- power and wires ------------------------------------------------------------------

    def cut_power(self) -> None:
        """Kill -9. What lies on the reader, and who stands there, stays."""
        self.bench.cut_power()
        self.bench.view = {}

    def give_power(self) -> None:
        """Start it again on the same folder; `settle` once it shows something."""
        self.bench.child = None
        self.bench.switch_on()

    def settle(self) -> None:
        """Let a counter that has just come up find its devices as they are."""
        if self.is_reader_out:
            self.bench.say(device="reader", unplug=True)
        if self.card is not None:
            self.bench.lay_card(self.card)
        self.show(self.scene)

    def restart(self) -> None:
        """End the counter in order and start it again."""
        child = self.bench.child
        if child is not None:
            child.stop()
        self.give_power()

    def plug_reader(self, *, is_in: bool) -> None:
        """Pull the reader's plug, or put it in."""
        self.is_reader_out = not is_in
        self._tell(device="reader", **({"plug_in": True} if is_in else {"unplug": True}))

    def put_paper(self, *, is_there: bool) -> None:
        """Put paper in, or take it."""
        self.printer.show(PrinterState.READY if is_there else PrinterState.PAPER_OUT)

    # --- people ---------------------------------------------------------------------------

    def lay(self, uid: bytes) -> None:
        """Put a card on the reader; what lay there is taken first."""
        self.lift()
        self.card = uid
        self._tell(device="reader", present_hex=uid.hex())

    def lift(self) -> None:
        """Take the card away, if one lies there."""
        card, self.card = self.card, None
        if card is not None:
            self._tell(device="reader", remove=True)

    def show(self, scene: Scene) -> None:
        """Let people appear before the played camera."""
        self.scene = scene
        if self.is_on and self.camera.is_played:
            self.bench.show(scene)

    def show_nobody(self) -> None:
        """Let everybody leave."""
        self.show(empty_zone(0.1, SEED))

    def close(self) -> None:
        """End everything."""
        super().close()
        self.cable.close()
        self.printer.close()

    def _tell(self, **line: object) -> None:
        if self.is_on:
            self.bench.say(**line)

    def _start(self, bench: Bench) -> Child:
        if bench.child is not None:
            raise DemoFailed("the counter has power already")
        arguments = [
            *("--state", str(bench.folder)),
            *("--profile", str(bench.folder / "profile.toml")),
            *("--clock", str(self.folder / "clock")),
            *("--server", f"http://127.0.0.1:{self.cable.port}"),
            *("--windows", WINDOWS_SHARE),
        ]
        return Child("fanpiao.demo.counter", arguments, bench.folder / "log", {})
