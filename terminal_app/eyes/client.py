"""The parent's side of the eyes: starts the child, passes its events on, starts it again.

`step(now)` is called by whoever owns the thread; it never blocks. A child that dies, or says
nothing for `SILENT_S`, is started again at once, armed as it was and with the same gallery; cards
and codes from other readers go on meanwhile, and the counter is told that the camera is lost.
"""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable

import msgspec

from devices import ports
from devices.simulated.scene import Scene
from devices.vision.faces.gallery import check_vector
from terminal_app.eyes import wire

RESTART_S = 2.0
"""The least time between two starts: the first death is mended at once, a child that dies again
and again does not take the processor."""
RESTART_MAX_S = 60.0
"""A child that dies before it has said a word is waited for twice as long each time, up to this:
what it lacks, a person has to mend."""
SILENT_S = 5.0
"""Ten signs of life missed: the child hangs, and is killed."""
FIRST_SIGN_S = 30.0
"""A child that has just been started loads its models first; a small computer is slow at that."""
STOP_S = 2.0


class EyesClient:
    """The eyes as the counter uses them (`devices.ports.Eyes`). `post` is called on a thread of
    this client, with every event of the child.
    """

    def __init__(self, config: wire.Config, post: Callable[[ports.Event], None]) -> None:
        self._config = config
        self._post = post
        self._gallery: dict[str, list[wire.Template]] = {}
        self._armed_after: float | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._died_at: float | None = None
        self._heard = False
        self._silent_since: float | None = None
        self._started_at = float("-inf")
        self._pause_s = RESTART_S
        self._is_loaded = False
        self._writing = threading.Lock()
        self.restart_count = 0

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def start(self) -> None:
        """Start the child."""
        if self._child is not None and self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        self._heard, self._silent_since = False, None
        self._is_loaded = False
        self._child = subprocess.Popen(
            [sys.executable, "-m", "terminal_app.eyes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C is for the parent alone, which then closes the pipe
            process_group=0,
        )
        body = msgspec.msgpack.encode(self._config)
        self._write(len(body).to_bytes(4, "big") + body)
        self._send(wire.SetGallery([t for many in self._gallery.values() for t in many]))
        if self._armed_after is not None:
            self._send(wire.Arm(self._armed_after))
        self._reader = threading.Thread(target=self._read, args=(self._child,), daemon=True)
        self._reader.start()

    def step(self, now: float) -> None:
        """Start the child again when it died; end it first when it hangs."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self._end_if_silent(self._child, now)
            return
        if self._died_at is None:
            self._died_at = now
            has_lived = self._is_loaded or self._heard
            is_first = self._started_at == float("-inf")
            longer_s = min(2 * self._pause_s, RESTART_MAX_S)
            self._pause_s = RESTART_S if has_lived or is_first else longer_s
            lost = ports.HealthState.LOST
            self._post(ports.DeviceHealth(self._config.name, "camera", lost, now, "devices.lost"))
        if now - self._started_at >= self._pause_s:
            self._died_at, self._started_at = None, now
            self.restart_count += 1
            self.start()

    def _end_if_silent(self, child: "subprocess.Popen[bytes]", now: float) -> None:
        if self._heard or self._silent_since is None:
            self._is_loaded = self._is_loaded or self._heard
            self._heard, self._silent_since = False, now
        elif now - self._silent_since > (SILENT_S if self._is_loaded else FIRST_SIGN_S):
            child.kill()
            child.wait()

    def stop(self) -> None:
        """End the child and wait for it."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if self._reader is not None:
            self._reader.join(STOP_S)

    def arm(self, now: float) -> None:
        """Embed faces in the zone, in frames captured after `now`."""
        self._armed_after = now
        self._send(wire.Arm(now))

    def disarm(self) -> None:
        """Embed nothing."""
        self._armed_after = None
        self._send(wire.Disarm())

    def set_gallery(self, templates: Iterable[ports.FaceTemplate]) -> None:
        """Replace the whole gallery; ValueError for a template that is no vector."""
        every = [*templates]
        for one in every:
            check_vector(one.vector)
        self._gallery = {}
        self._remember(every)
        self._send(wire.SetGallery([t for many in self._gallery.values() for t in many]))

    def update_gallery(
        self, *, added: Iterable[ports.FaceTemplate], removed: Iterable[str]
    ) -> None:
        """Add templates and forget persons; ValueError for a template that is no vector."""
        new, gone = list(added), list(removed)
        for one in new:
            check_vector(one.vector)
        for person in gone:
            self._gallery.pop(person, None)
        self._remember(new)
        templates = [wire.Template(one.person, one.vector) for one in new]
        self._send(wire.UpdateGallery(templates, gone))

    def show(self, scene: Scene) -> None:
        """Let a simulated camera show `scene` from now on."""
        self._send(wire.Show(scene))

    def plug(self, *, is_in: bool) -> None:
        """Unplug a simulated camera, or plug it in again."""
        self._send(wire.Plug(is_in))

    def _remember(self, templates: Iterable[ports.FaceTemplate]) -> None:
        for one in templates:
            kept = self._gallery.setdefault(one.person, [])
            kept.append(wire.Template(one.person, one.vector))

    def _send(self, command: wire.Command) -> None:
        self._write(wire.encode_command(command))

    def _write(self, data: bytes) -> None:
        child = self._child
        if child is None or child.stdin is None:
            return
        with self._writing:
            try:
                child.stdin.write(data)
                child.stdin.flush()
            except (OSError, ValueError):
                # It died: `step` starts it again and tells it everything anew
                return

    def _read(self, child: "subprocess.Popen[bytes]") -> None:
        assert child.stdout is not None
        with child.stdout as events:
            while (body := wire.read_body(events)) is not None:
                self._heard = True
                if not body:
                    continue
                try:
                    self._post(wire.decode_event(body))
                except (msgspec.MsgspecError, KeyError):
                    continue
