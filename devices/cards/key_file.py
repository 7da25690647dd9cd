"""Key files: a master key where cards are issued, a site's read key at its counters.

Both are JSON that only their owner may read. A master key in a counter's settings is refused: a
counter that is stolen must not be able to make cards.
"""

import json
import os
from pathlib import Path

from devices.cards.diversify import KEY_SIZE
from devices.cards.prove import SiteKeys
from devices.ports import DeviceSettings

_MODE = 0o600
_OTHERS = 0o077
MASTER, SITE, BANK_CARDS = "master_key", "site_read_key", "bank_card_key"


def site_keys_of(settings: DeviceSettings) -> SiteKeys | None:
    """Read the file that a reader's `keys` names; None without one, ValueError for a bad one."""
    place = str(settings.get("keys", ""))
    if not place:
        return None
    found = _read(Path(place))
    if MASTER in found:
        raise ValueError(f"{place} holds a master key; a counter is given a site's read key only")
    bank_cards = _key(found, BANK_CARDS, place) if BANK_CARDS in found else b""
    return SiteKeys(str(found.get("site", "")), _key(found, SITE, place), bank_card_key=bank_cards)


def master_key_of(path: Path) -> bytes:
    """Read a master key; ValueError for a bad file."""
    return _key(_read(path), MASTER, str(path))


def write_master_key(path: Path, key: bytes) -> None:
    """Write a new master key; never over a file that is there (FileExistsError)."""
    _write(path, {MASTER: key.hex().upper()})


def write_site_keys(path: Path, keys: SiteKeys) -> None:
    """Write what a site's counters are given; never over a file that is there."""
    content = {"site": keys.site, SITE: keys.read_key.hex().upper()}
    if keys.bank_card_key:
        content[BANK_CARDS] = keys.bank_card_key.hex().upper()
    _write(path, content)


def _read(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_mode & _OTHERS:
            raise ValueError(f"others may read {path}; run: chmod 600 {path}")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or type(error).__name__}") from error
    except ValueError as error:
        # What the file says never reaches a message
        why = str(error) if "chmod" in str(error) else f"{path} is no key file"
        raise ValueError(why) from None
    if not isinstance(found, dict):
        raise ValueError(f"{path} is no key file")
    return found


def _key(found: dict[str, object], field: str, place: str) -> bytes:
    try:
        key = bytes.fromhex(str(found[field]))
    except (KeyError, ValueError):
        key = b""
    if len(key) != KEY_SIZE:
        raise ValueError(f"{place} holds no {field} of 32 hex digits")
    return key


def _write(path: Path, content: dict[str, str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
