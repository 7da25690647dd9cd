"""The server's secrets: one random root in one file that only its owner may read.

Every key the server needs is derived from the root by purpose and organisation (HMAC-SHA256 as
a PRF, NIST SP 800-108 in its one-block form), so that there is one thing to back up.
"""

import os
import secrets as system_random
from pathlib import Path

from server.runtime import Secrets

ROOT_BYTES = 32


def load_secrets(path: Path) -> Secrets:
    """Read the root at `path`, making it (mode 0600) when there is none yet.

    Two processes starting at once agree: the file is linked into place complete, or not at all.
    """
    if not path.exists():
        _make(path)
    root = bytes.fromhex(path.read_text().strip())
    assert len(root) == ROOT_BYTES, f"{path} does not hold {ROOT_BYTES} bytes in hexadecimal"
    return Secrets(root)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(system_random.token_bytes(ROOT_BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its root counts
    finally:
        draft.unlink()
