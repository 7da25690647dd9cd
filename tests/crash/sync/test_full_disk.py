"""A full disk: said by name, nothing half-written, and selling again as soon as there is room.

A limit on the size of files stands for the full disk: the same write fails at the same place in
SQLite, and it works without root or a mount of its own. It is set in a child, since it holds for
a whole process.
"""

import subprocess
import sys
from pathlib import Path

from sync.audit import audit_store
from tests.unit.sync.makers import Counter

ROOT = Path(__file__).parents[3]
CHILD = """
import resource, sys
from pathlib import Path
from domain.errors import Unavailable
from tests.unit.sync.makers import Counter

counter = Counter(Path(sys.argv[1]))
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
said = []
for limit_kib in (200, 300, 400):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kib * 1024, most))
    try:
        for _ in range(2000):
            counter.sell()
        print("never full")
    except Unavailable as unavailable:
        said.append(unavailable.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    for left in counter.journal.open_intents():
        from sync.messages import RecordKind
        from tests.unit.sync.makers import cancellation
        counter.journal.append(RecordKind.CANCELLATION, cancellation(left.request))
    counter.sell()
print(*said, counter.journal.head().sequence, counter.journal.waiting().count)
counter.close()
"""


def test_a_full_disk_is_said_by_name_and_costs_no_sale_and_no_lock(tmp_path: Path) -> None:
    store = tmp_path / "counter.sqlite3"
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(store)], capture_output=True, text=True, cwd=ROOT
    )
    assert child.returncode == 0, child.stderr
    *codes, head, waiting = child.stdout.split()
    assert codes == ["storage.full"] * 3
    assert head == waiting
    counter = Counter(store)
    assert counter.journal.head().sequence == int(head)
    assert audit_store(counter.store) == []
    counter.close()
