"""The providers' sandbox of this server: started when the first account wants it, in threads.

Its books and keys lie beside the database, so what was "charged" stays charged over restarts.
`FANPIAO_SANDBOX` names the folder of one that runs by itself (`fanpiao sandbox`) instead. Of
several processes with one folder the first runs it, and the others read where it is.
"""

import fcntl
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from server.channels.open_accounts import SandboxAccount
from server.sandbox.run import FILE, Sandbox, kinds, peer_class

ENVIRONMENT: Final = "FANPIAO_SANDBOX"
START_LIMIT_S: Final = 10.0
"""How long another process that runs the sandbox may take until it says where."""
LOOK_S: Final = 0.05


def told_account(folder: Path, provider: str) -> SandboxAccount | None:
    """Return the sample merchant's account as whoever runs the sandbox wrote it down.

    None when the provider has no peer; ValueError when there is no sandbox.
    """
    path = Path(os.environ.get(ENVIRONMENT) or folder) / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["peers"].get(provider)
    except (OSError, ValueError) as missing:
        raise ValueError(f"no sandbox at {path}: {missing}") from missing
    return None if told is None else SandboxAccount(**told)


@dataclass(slots=True)
class OwnSandbox:
    """A sandbox in this process, or the word of one outside it."""

    folder: Path
    _running: Sandbox | None = None
    _held: int | None = None
    _lock: Lock = field(default_factory=Lock)

    def account(self, provider: str) -> SandboxAccount | None:
        """Return the sample merchant's account at a provider; None when it has no peer."""
        with self._lock:
            if not os.environ.get(ENVIRONMENT) and self._running is None:
                self._run_or_wait(self.folder / FILE)
        return told_account(self.folder, provider)

    def stop(self) -> None:
        """Stop what runs here."""
        with self._lock:
            if self._running is not None:
                self._running.stop()
                self._running = None
            self._let_go()

    def _run_or_wait(self, path: Path) -> None:
        """Run the peers, unless another process does: then wait until it has said where."""
        if self._takes_folder():
            try:
                self._running = self._started(path)
            except BaseException:
                self._let_go()
                raise
            return
        until = time.monotonic() + START_LIMIT_S
        while not path.exists() and time.monotonic() < until:
            time.sleep(LOOK_S)

    def _takes_folder(self) -> bool:
        """Whether the folder is ours; a lock that the system drops however this process ends."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._held = descriptor
        return True

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _started(self, path: Path) -> Sandbox:
        peers = [peer_class(kind) for kind in kinds()]
        started = Sandbox(self.folder, self.folder / "keys", peers)
        started.write(path)
        started.keep_stepping()
        return started
