"""A real PC/SC service of our own, with virtual readers, beside any that the machine runs.

`pcscd` has its socket at a fixed place. Started in a mount namespace of its own it finds another
folder there, so that several run at once and the machine's own is left alone. That needs root, or
a kernel that lets users make namespaces.

Programs are led to it by `environment`; the PC/SC library reads that variable once per process, so
within a process the folder must stay the same (`Pcscd()` keeps to one folder per process).
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

LIBRARY = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
READER = "Fanpiao virtual reader"
"""The name that the service gives the two slots, with ` 00 00` and ` 00 01` behind."""
START_S = 10.0
STOP_S = 5.0
POLL_S = 0.02

_CONFIGURATION = """FRIENDLYNAME "{name}"
DEVICENAME /dev/null:0x{port:04X}
LIBPATH {library}
CHANNELID 0x{port:04X}
"""
_START = """
mkdir -p /run/pcscd && mount --bind "$1" /run/pcscd || exit 1
exec 3<&0
pcscd -f -c "$2" 3<&- &
service=$!
(cat <&3 >/dev/null; kill $service 2>/dev/null) &
wait $service
"""
# Its end is the end of our pipe: the service goes with us, even when we are killed


class PcscdMissing(RuntimeError):
    """The service or its virtual reader is not installed; says which."""


class PcscdFailed(RuntimeError):
    """The service is installed and did not start; says what it said."""


def environment(folder: Path | None = None) -> dict[str, str]:
    """What leads a program to the service in `folder`; without one, to this process's own."""
    return {"PCSCLITE_CSOCK_NAME": str((folder or _own_folder()) / "run" / "pcscd.comm")}


class Pcscd:
    """A service with one virtual reader of two slots; a context manager.

    `ports` are where `VirtualCard` connects. `stop` and `start` unplug the reader and plug it in.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _own_folder()
        self._child: subprocess.Popen[bytes] | None = None
        self.ports = _two_free_ports()

    @property
    def environment(self) -> dict[str, str]:
        """What leads a program to this service."""
        return environment(self._folder)

    @property
    def is_running(self) -> bool:
        """Whether the service runs."""
        return self._child is not None and self._child.poll() is None

    def start(self, *, has_reader: bool = True) -> None:
        """Start the service and wait until it answers; `PcscdMissing` or `PcscdFailed`."""
        assert self._child is None, "started twice"
        _check_installed()
        run, configuration = self._folder / "run", self._folder / "reader.conf"
        run.mkdir(parents=True, exist_ok=True)
        text = _CONFIGURATION.format(name=READER, port=self.ports[0], library=LIBRARY)
        configuration.write_text(text if has_reader else "")
        space = ["unshare", "--mount", "--propagation", "private"]
        if os.getuid() != 0:
            space.insert(1, "--map-root-user")
        with (self._folder / "log").open("wb") as log:
            self._child = subprocess.Popen(
                [*space, "sh", "-c", _START, "sh", str(run), str(configuration)],
                stdin=subprocess.PIPE,
                start_new_session=True,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until(self._answers)

    def stop(self) -> None:
        """Stop the service: its readers are gone. Does nothing when it does not run."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        child.stdin.close()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def crash(self) -> None:
        """Kill the service as it stands: nobody is told, and its socket stays behind."""
        child, self._child = self._child, None
        assert child is not None, "it does not run"
        assert child.stdin is not None
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(STOP_S)
        child.stdin.close()
        # Its number may stay taken until somebody collects it, and the next one would not start
        (self._folder / "run" / "pcscd.pid").unlink(missing_ok=True)

    def close(self) -> None:
        """Stop the service and remove its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "Pcscd":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answers(self) -> bool:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with link, contextlib.suppress(OSError):
            link.connect(self.environment["PCSCLITE_CSOCK_NAME"])
            return True
        return False

    def _wait_until(self, is_done: Callable[[], bool]) -> None:
        child, end = self._child, time.monotonic() + START_S
        assert child is not None
        while not is_done():
            if child.poll() is not None or time.monotonic() > end:
                said = (self._folder / "log").read_text(errors="replace")[-500:]
                self.stop()
                raise PcscdFailed(f"pcscd did not start: {said.strip() or 'it says nothing'}")
            time.sleep(POLL_S)


def _own_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"fanpiao-pcscd-{os.getuid()}-{os.getpid()}"


def _check_installed() -> None:
    missing = [name for name in ("pcscd", "unshare") if _found(name) is None]
    if not LIBRARY.exists():
        missing.append("vsmartcard-vpcd")
    if missing:
        raise PcscdMissing(f"install {', '.join(missing)}")


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _two_free_ports() -> tuple[int, int]:
    """Two neighbouring ports: the second slot takes the one after the first's."""
    for _ in range(100):
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
                return port, port + 1
    raise PcscdFailed("no two neighbouring ports are free")
