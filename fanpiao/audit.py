"""`fanpiao audit`: the server's books, or with `--terminal` a counter's own store (rule 16)."""

import os
from pathlib import Path

import click

from server.config.commands import audit as audit_books
from server.config.commands import database_option

RULE = "r16_counter"


@click.command()
@database_option
@click.option(
    "--terminal",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check a counter's own store instead, also while it runs.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.pass_context
def audit(
    context: click.Context,
    database: str | None,
    terminal: Path | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Prove the books: every rule, on one snapshot. Exit code 1 when a rule broke.

    \b
    fanpiao audit
    fanpiao audit --database postgresql://u:p@host/db --json
    fanpiao audit --terminal var/terminal/counter.sqlite3     rule 16, at a counter
    """
    if terminal is None:
        context.invoke(audit_books, database=database, as_json=as_json)
    else:
        _audit_counter(terminal, as_json=as_json)


def _audit_counter(path: Path, *, as_json: bool) -> None:
    from server.audit.findings import Finding
    from server.audit.report import print_report
    from server.audit.run_audit import Report
    from sync.audit import audit_store
    from sync.keystore import FileKeyStore, store_key
    from sync.store import LocalStore
    from terminal_app.terminal import KEYS

    key = store_key(FileKeyStore(path.parent / KEYS), os.urandom)
    with LocalStore(path, is_read_only=True, seal_key=key) as store:
        found = audit_store(store)
    findings = tuple(Finding(RULE, f"{one.check}: {one.what}", one.subject) for one in found)
    print_report(Report(findings, rules=(RULE,), transfers=0), as_json=as_json)
    if findings:
        raise click.exceptions.Exit(1)
