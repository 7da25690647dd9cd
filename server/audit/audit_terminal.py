"""Rule 16: a counter's own store, read beside the running counter, without this server's books."""

from pathlib import Path

from server.audit.findings import Finding
from server.audit.run_audit import Report
from sync.audit import audit_store
from sync.store import LocalStore

RULE = "r16_counter"


def audit_terminal(path: Path) -> Report:
    """Check the store at `path`; `Refused` ("storage.unreadable") when it is none of a counter."""
    with LocalStore(path, is_read_only=True) as store:
        found = audit_store(store)
    findings = tuple(Finding(RULE, f"{one.check}: {one.what}", one.subject) for one in found)
    return Report(findings, rules=(RULE,), transfers=0)
