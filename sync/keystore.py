"""Where a terminal keeps its secrets: its signing key, its binding, and the leased data key.

Rules
- A `KeyStore` holds one terminal's secrets. The file one is 0600 and replaced whole; a TPM or a
  passphrase can stand behind the same protocol.
- The data key that opens face templates is leased: without a heartbeat for 30 days it is no
  longer given out, and a revocation wipes it. The signing key stays: what was sold must still be
  handed over.
- A clock set back does not lengthen a lease: the latest time seen is kept with it.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import BinaryIO, Protocol

import msgspec

from domain.errors import Refused, Unavailable
from sync.messages import ActivationAnswer
from sync.signing import TerminalKey

_MODE = 0o600
STORE_KEY_LENGTH = 32
_SEEN_EVERY = timedelta(hours=1)
"""How far time must move before it is written down again: not at every question."""


@dataclass(frozen=True, slots=True)
class TerminalSecrets:
    """All a terminal must not lose or show. `binding` is None until activation succeeded.

    `pending_seed` is the key of an activation under way: a repeated try presents the same key,
    since the server's first answer may have been lost.
    """

    server_url: str = ""
    seed: bytes = field(default=b"", repr=False)
    pending_seed: bytes = field(default=b"", repr=False)
    binding: ActivationAnswer | None = field(default=None, repr=False)
    store_key: bytes = field(default=b"", repr=False)
    lease_until: datetime | None = None
    seen_at: datetime | None = None

    @property
    def key(self) -> TerminalKey:
        """The signing key under the id the server gave it."""
        if self.binding is None:
            raise Refused("terminals.not_activated")
        return TerminalKey(self.seed, self.binding.key_id)


class KeyStore(Protocol):
    """Keeps one terminal's secrets."""

    def load(self) -> TerminalSecrets | None:
        """Return the secrets; None when there are none."""
        ...

    def save(self, secrets: TerminalSecrets) -> None:
        """Replace the secrets, durably, before returning; the old ones are destroyed."""
        ...

    def change(self, change: "Change") -> TerminalSecrets | None:
        """Replace the secrets by what `change` makes of them (None: nothing to change), with no
        other change in between; return them as they then are, None when there are none.
        """
        ...

    def wipe(self) -> None:
        """Destroy everything."""
        ...


Change = Callable[[TerminalSecrets], TerminalSecrets | None]
_turn = RLock()
"""One change at a time: the counter notes the time while the pump wipes or renews a lease."""


class FileKeyStore:
    """Secrets in one file that only its owner may read."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def load(self) -> TerminalSecrets | None:
        """Read the file; `Refused` when others may read it, this user may not, or it is damaged."""
        try:
            mode = self.path.stat().st_mode & 0o777
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise Refused("keys.no_permission", path=str(self.path)) from error
        if mode & 0o077:
            raise Refused("keys.too_open", path=str(self.path), mode=oct(mode))
        try:
            return msgspec.json.decode(data, type=TerminalSecrets)
        except msgspec.MsgspecError as error:
            raise Refused("keys.unreadable", path=str(self.path)) from error

    def save(self, secrets: TerminalSecrets) -> None:
        """Write beside, then swap: a power cut leaves the old file or the new one, whole.

        What was replaced is overwritten afterwards; best effort on flash, which remaps writes.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(self.path.name + ".new")
        beside.unlink(missing_ok=True)
        try:
            with ExitStack() as held:
                old = held.enter_context(self.path.open("r+b")) if self.path.exists() else None
                _write_durably(beside, msgspec.json.encode(secrets))
                os.replace(beside, self.path)
                _sync_folder(self.path.parent)
                if old is not None:
                    _overwrite(old)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise Unavailable("storage.full", path=str(self.path)) from error

    def change(self, change: Change) -> TerminalSecrets | None:
        """Load, change and save as one: a stale copy would bring back a key that was wiped."""
        with _turn:
            secrets = self.load()
            changed = None if secrets is None else change(secrets)
            if changed is None or changed == secrets:
                return secrets
            self.save(changed)
            return changed

    def wipe(self) -> None:
        """Overwrite the file before deleting it; best effort on flash, which remaps writes."""
        if not self.path.exists():
            return
        with self.path.open("r+b") as file:
            _overwrite(file)
        self.path.unlink()
        _sync_folder(self.path.parent)


def data_key(key_store: KeyStore, now: datetime) -> bytes | None:
    """The key that opens templates while its lease lasts; None when it has ended or was wiped."""
    secrets = key_store.load()
    if secrets is None or secrets.binding is None or secrets.lease_until is None:
        return None
    seen_at = max(now, secrets.seen_at or now)
    if secrets.seen_at is None or seen_at - secrets.seen_at >= _SEEN_EVERY:
        with suppress(Unavailable):  # a full disk: the time is written down when there is room
            key_store.change(lambda present: replace(present, seen_at=seen_at))
    if seen_at >= secrets.lease_until:
        return None
    return secrets.binding.data_key or None


def store_key(key_store: KeyStore, random: Callable[[int], bytes]) -> bytes:
    """The key that opens this terminal's own file; made once, and kept over every activation."""

    def made(secrets: TerminalSecrets) -> TerminalSecrets | None:
        if secrets.store_key:
            return None
        return replace(secrets, store_key=random(STORE_KEY_LENGTH))

    secrets = key_store.change(made)
    return b"" if secrets is None else secrets.store_key


def renew_lease(key_store: KeyStore, lease_until: datetime, now: datetime) -> None:
    """Take over a longer lease from a heartbeat; `now` is the server's time, which counts anew."""

    def renewed(secrets: TerminalSecrets) -> TerminalSecrets | None:
        if secrets.lease_until == lease_until:
            return None
        return replace(secrets, lease_until=lease_until, seen_at=now)

    key_store.change(renewed)


def wipe_data_key(key_store: KeyStore) -> None:
    """Forget the data key: the terminal was revoked. The signing key stays."""

    def wiped(secrets: TerminalSecrets) -> TerminalSecrets | None:
        if secrets.binding is None or not secrets.binding.data_key:
            return None
        binding = msgspec.structs.replace(secrets.binding, data_key=b"", card_key=b"")
        return replace(secrets, binding=binding, lease_until=None)

    # Never `wipe`: without the signing and the store key the sales here would be lost
    key_store.change(wiped)


def _write_durably(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _overwrite(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    file.write(b"\x00" * size)
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
