"""The providers' sandbox of this server: started when the first account wants it, in threads.

Its books and keys lie beside the database, so what was "charged" stays charged over restarts.
`FANPIAO_SANDBOX` names the folder of one that runs by itself (`fanpiao sandbox`) instead.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from server.channels.open_accounts import SandboxAccount
from server.sandbox.run import FILE, Sandbox, kinds, peer_class

ENVIRONMENT: Final = "FANPIAO_SANDBOX"


@dataclass(slots=True)
class OwnSandbox:
    """A sandbox in this process, or the word of one outside it."""

    folder: Path
    _running: Sandbox | None = None
    _lock: Lock = field(default_factory=Lock)

    def account(self, provider: str) -> SandboxAccount | None:
        """Return the sample merchant's account at a provider; None when it has no peer."""
        outside = os.environ.get(ENVIRONMENT, "")
        path = (Path(outside) if outside else self.folder) / FILE
        with self._lock:
            if not outside and self._running is None:
                self._running = self._started(path)
        try:
            told = json.loads(path.read_text(encoding="utf-8"))["peers"].get(provider)
        except (OSError, ValueError) as missing:
            raise ValueError(f"no sandbox at {path}: {missing}") from missing
        return None if told is None else SandboxAccount(**told)

    def stop(self) -> None:
        """Stop what runs here."""
        with self._lock:
            if self._running is not None:
                self._running.stop()
                self._running = None

    def _started(self, path: Path) -> Sandbox:
        peers = [peer_class(kind) for kind in kinds()]
        started = Sandbox(self.folder, self.folder / "keys", peers)
        started.write(path)
        started.keep_stepping()
        return started
