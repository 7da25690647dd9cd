"""A full disk under a selling counter: nothing is promised, the cause is named, and it mends.

A limit on the size of files stands for the full disk (as in `tests/crash/sync/test_full_disk.py`);
it holds for a whole process, so server and counter run in a child that tells what it saw.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.bad_input.open_canteen import says_what_to_do

CHILD = """
import json, os, resource, signal, sys
from pathlib import Path

folder = Path(sys.argv[1])
os.environ["FANPIAO_DATABASE"] = str(folder / "fanpiao.sqlite3")
os.environ["DJANGO_SETTINGS_MODULE"] = "server.config.settings"
import django
django.setup()
from terminal_app.counter.machine import Phase
from tests.journeys.bad_input import books
from tests.journeys.bad_input.open_canteen import WalkUp, open_canteen

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
said = {}
with open_canteen(folder) as canteen:
    counter = WalkUp(canteen, folder / "counter")
    counter.learn()
    counter.serve()
    before = counter.pay_by_card()
    diner = canteen.next_diner()
    canteen.street.is_open = sys.argv[2] == "online"
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most))
    counter.card(diner.card_uid)
    said["refused"] = [counter.phase.value, counter.view.code, counter.view.hint.code]
    counter.lift_card()
    counter.wait(2)
    said["while_full"] = [counter.phase.value, counter.view.code]
    counter.card(canteen.next_diner().card_uid)
    said["accepted_while_full"] = len(counter.accepted())
    counter.lift_card()
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    canteen.street.is_open = True
    counter.wait(10)
    said["mended"] = [counter.phase.value, counter.view.code]
    if counter.phase is Phase.LOCKED:
        counter.serve()
    after = counter.pay_by_card()
    counter.speak()
    said["waiting"] = counter.journal.waiting().count
    said["paid"] = [books.paid(one.person_id) for one in (before, diner, after)]
    said["online_first"] = counter.client.is_online_first
    said["cases"] = books.cases_of(counter.binding.terminal_id)
    books.books_are_sound(canteen)
    counter.close()
print(json.dumps(said))
"""


@pytest.mark.parametrize("wire", ["online", "offline"])
def test_a_full_disk_blocks_the_counter_before_anything_is_promised_and_mends(
    sqlite_template: Path, tmp_path: Path, wire: str
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "fanpiao.sqlite3")
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), wire], capture_output=True, text=True,
        cwd=Path(__file__).parents[3], timeout=120, check=False, env={**os.environ},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    assert "approved" not in said["refused"]
    assert said["while_full"] == ["blocked", "storage.full"]
    says_what_to_do("storage.full")
    assert said["accepted_while_full"] == 1
    assert said["mended"][0] in ("armed", "locked")
    assert said["waiting"] == 0
    assert said["paid"] == [[1200], [], [1200]], said
    assert said["cases"] == []
