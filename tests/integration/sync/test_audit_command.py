"""`fanpiao audit --terminal FILE`: whether a counter's own store is sound, while it runs."""

import json

from click.testing import CliRunner

from fanpiao.audit import audit
from tests.unit.sync.makers import Counter


def test_a_running_counters_store_is_checked_and_a_broken_one_is_named(counter: Counter) -> None:
    counter.sell()
    well = CliRunner().invoke(audit, ["--terminal", str(counter.path), "--json"])
    assert (well.exit_code, json.loads(well.output)["ok"]) == (0, True)

    counter.store.execute("UPDATE journal SET waiting_amount = 7 WHERE kind = 'acceptance'")
    broken = CliRunner().invoke(audit, ["--terminal", str(counter.path), "--json"])
    assert broken.exit_code == 1
    assert json.loads(broken.output)["broken"] == ["r16_counter"]
