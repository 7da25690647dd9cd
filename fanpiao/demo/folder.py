"""The demo's folder: made anew by every run, and nobody else's is touched."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import Refused
from fanpiao.fetch_data import ROOT

FOLDER = ROOT / "var/demo"
LOCK = ROOT / "var/demo.lock"
MARK = "made-by-fanpiao-demo"


@contextmanager
def fresh_folder(folder: Path = FOLDER, lock: Path = LOCK) -> Iterator[Path]:
    """Hold the lock and give an empty folder; `Refused` while another demo runs, or when what
    stands at its place was not made by a demo.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused("demos.running", path=str(lock)) from error
        _replace(folder)
        yield folder


def _replace(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Refused("demos.not_ours", path=str(folder))
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise Refused("demos.not_ours", path=str(folder))
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("This folder is replaced by every run of the demo.\n")
