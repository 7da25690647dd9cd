"""All peers in one process: one clock, one folder of books and keys, a port each.

The folder holds `<kind>.sqlite3`, `keys/<kind>/` and `sandbox.json`: for every provider its host
and the sample merchant's settings and secrets, from which a server makes accounts. All of it is
play money, yet its files are for their owner only.
"""

import importlib
import json
import logging
import os
import pkgutil
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

import server.sandbox
from server.sandbox.books import Books
from server.sandbox.control import Control
from server.sandbox.faults import Faults
from server.sandbox.frame import Desk, Peer, PeerClock, SampleAccount, World
from server.sandbox.keys import Keys
from server.sandbox.listening import HttpServer
from server.sandbox.notices import Postman, sender

log = logging.getLogger(__name__)
FILE: Final = "sandbox.json"
_NOTICES_EVERY_S: Final = 0.2


def kinds() -> list[str]:
    """List the providers that have a peer, in the order of their names."""
    found = pkgutil.iter_modules(server.sandbox.__path__)
    return sorted(module.name for module in found if module.ispkg)


def peer_class(kind: str) -> type[Peer]:
    """Return the peer of a provider: `PEER` of `server.sandbox.<kind>.peer`."""
    found: type[Peer] = importlib.import_module(f"server.sandbox.{kind}.peer").PEER
    return found


@dataclass(frozen=True, slots=True)
class Running:
    """One peer as it runs."""

    peer: Peer
    desk: Desk
    faults: Faults
    postman: Postman
    http: HttpServer

    @property
    def host(self) -> str:
        """Its base URL."""
        return self.http.host


class Sandbox:
    """Peers that listen. `step` delivers notices; `keep_stepping` does so in a thread."""

    def __init__(
        self,
        folder: Path | None,
        keys: Path,
        peers: Iterable[type[Peer]],
        *,
        first_port: int = 0,
        clock: PeerClock | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Start every peer; `folder` None keeps books in memory.

        `first_port` 0 takes the ports that the folder's `sandbox.json` names, so that whoever
        knows an address may keep it, and free ones for those that are new or taken. Raises
        `OSError` when a given port is taken; nothing is left running then.
        """
        self.clock = clock or PeerClock()
        self._client = httpx.Client(follow_redirects=False, trust_env=False)
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.running: dict[str, Running] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            before = {} if folder is None or first_port else _ports(folder / FILE)
            for index, made in enumerate(peers):
                path = ":memory:" if folder is None else folder / f"{made.kind}.sqlite3"
                world = World(
                    Books(path, self.clock.now), Keys(keys / made.kind), self.clock.now, random
                )
                port = first_port + index if first_port else before.get(made.kind, 0)
                self.running[made.kind] = self._start(made, world, port, is_wish=not first_port)
        except BaseException:
            self.stop()
            raise

    def _start(self, made: type[Peer], world: World, port: int, *, is_wish: bool) -> Running:
        peer = made(world)
        faults = Faults()
        desk = Desk(peer, faults)
        postman = Postman(peer, faults, sender(self._client))
        try:
            control = Control(desk, self.clock, postman)
            http = _listen(control, port, self.clock, is_wish=is_wish)
        except OSError:
            world.books.close_file()
            raise
        peer.host = http.host
        return Running(peer, desk, faults, postman, http)

    def step(self) -> int:
        """Deliver the notices that are due; returns how many postings were made."""
        now = self.clock.now()
        return sum(running.postman.step(now) for running in self.running.values())

    def keep_stepping(self) -> None:
        """Deliver notices in a thread until `stop`."""
        self._thread = threading.Thread(target=self._step_on, name="sandbox notices", daemon=True)
        self._thread.start()

    def _step_on(self) -> None:
        while not self._end.wait(_NOTICES_EVERY_S):
            try:
                self.step()
            except Exception:
                # A defect of one peer must not silence the others
                log.exception("notices")

    def write(self, path: Path) -> None:
        """Write hosts and sample accounts to `path`, whole or not at all."""
        told = {kind: told_of(running) for kind, running in self.running.items()}
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"version": 1, "peers": told}, file, ensure_ascii=False, indent=2)
        draft.replace(path)

    def stop(self) -> None:
        """Stop all of them; what was charged stays charged."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        for running in self.running.values():
            running.http.stop()
            running.peer.books.close_file()
        self._client.close()


def _listen(control: Control, port: int, clock: PeerClock, *, is_wish: bool) -> HttpServer:
    try:
        return HttpServer(control.handle, port, clock.now)
    except OSError:
        if not (is_wish and port):
            raise
        return HttpServer(control.handle, 0, clock.now)


def _ports(path: Path) -> dict[str, int]:
    """Read which port each peer had; a file that is missing or cut off names none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["peers"]
        return {kind: urlsplit(peer["host"]).port or 0 for kind, peer in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def told_of(running: Running) -> dict[str, object]:
    """Return what a server has to know of one peer, as it stands in `sandbox.json`."""
    account: SampleAccount = running.peer.account()
    return {
        "host": running.host,
        "settings": dict(account.settings),
        "secrets": dict(account.secrets),
    }
