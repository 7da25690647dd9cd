"""`fanpiao reconcile OURS THEIRS --out FOLDER`: two statements held together, without a server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from domain.errors import Refused
from domain.messages import Language, text
from fanpiao.failures import FOUND_PROBLEMS, REFUSED, tell

if TYPE_CHECKING:
    from server.reconciliation.matching.answer import Summary

MEMORY_CAP: Final = "1GB"
TELL_EVERY_S: Final = 1.0
FILE = click.Path(path_type=Path)


@click.command()
@click.argument("ours", type=FILE)
@click.argument("theirs", type=FILE)
@click.option("--out", required=True, type=FILE, metavar="FOLDER", help="Where the answer goes.")
@click.option(
    "--mapping", type=FILE, metavar="FILE", help="TOML or JSON that says how columns are called."
)
@click.option(
    "--memory", default=MEMORY_CAP, show_default=True, metavar="SIZE",
    help="How much may be kept in memory; the rest is spilled to disk.",
)  # fmt: skip
@click.option("--spill", type=FILE, metavar="FOLDER", help="Where to spill; else the system's.")
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of text.")
@click.pass_context
def reconcile(context: click.Context, /, **given: Any) -> int:
    """Match two statements by id and write what differs; needs no server.

    Both are CSV or Parquet with the columns id, amount, fee, currency, status and occurred_at;
    amounts and fees in minor units (fen). More columns are ignored.

    \b
    fanpiao reconcile ours.csv theirs.csv --out answer
    fanpiao reconcile ours.parquet wechat.csv --out answer --mapping wechat.toml

    \b
    A mapping says what a file calls its columns, and what its statuses mean:
      amount = "total"              for both files
      [theirs]
      id = "order_no"               for one of them, ours or theirs
      [theirs.status_words]
      TRADE_SUCCESS = "SUCCESS"

    FOLDER gets exceptions.csv (kind, our_id, their_id, our_amount, their_amount, detail) and
    summary.json (rows, matched, a count per kind).

    \b
    missing_ours    only they have it       amount_over    we say more than they
    missing_theirs  only we have it         amount_short   we say less
    duplicate       once more than on the   status fee currency
                    other side              amounts agree, these do not

    Exit codes: 0 all matched, 1 there are exceptions, 2 bad input.
    """
    language: Language = (context.obj or {}).get("language", "en")
    try:
        summary = _reconcile(language=language, **given)
    except PermissionError as error:
        # Of what was named on the command line: wrong input rather than a passing fault
        tell(error, language)
        return REFUSED
    _tell(summary, given["out"], language, as_json=given["as_json"])
    return FOUND_PROBLEMS if summary.exceptions else 0


def _reconcile(
    *, ours: Path, theirs: Path, out: Path, mapping: Path | None, memory: str,
    spill: Path | None, as_json: bool, language: Language,
) -> Summary:  # fmt: skip
    from server.reconciliation.matching.layout import SIDES, Layout, read_layouts

    _check_out(out, (ours, theirs))
    layouts = read_layouts(mapping) if mapping else dict.fromkeys(SIDES, Layout())
    if ours.samefile(theirs):
        click.echo(text("reconcile.same_file", {}, language), err=True)
    # The engine takes a second or two to load: only when everything else is in order
    from server.reconciliation.matching.answer import summarise, write_answer
    from server.reconciliation.matching.engine import open_engine
    from server.reconciliation.matching.statements import open_statement

    with open_engine(memory, spill) as engine:
        sides = []
        for side, path in zip(SIDES, (ours, theirs), strict=True):
            with _telling(f"{path.name}"):
                sides.append(open_statement(engine, path, side, layouts[side]))
        with _telling("match" if language == "en" else "对账"):
            engine.match(*(side.table for side in sides))
            summary = summarise(engine, *(side.rows for side in sides))
            write_answer(engine, summary, out)
    return summary


def _check_out(out: Path, inputs: tuple[Path, ...]) -> None:
    from server.reconciliation.matching.columns import EXCEPTIONS, SUMMARY

    if out.exists() and not out.is_dir():
        raise Refused("reconcile.out_is_file", file=out.name)
    written = {(out / name).resolve() for name in (EXCEPTIONS, SUMMARY)}
    for path in inputs:
        if path.resolve() in written:
            raise Refused("reconcile.out_is_input", file=path.name)
    out.mkdir(parents=True, exist_ok=True)
    probe = out / ".fanpiao-writable"
    probe.touch()
    probe.unlink()


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Say on stderr, while it takes more than a second, what is being done and for how long."""
    done = threading.Event()

    def tell_on() -> None:
        began = time.monotonic()
        while not done.wait(TELL_EVERY_S):
            click.echo(f"\r{what} … {time.monotonic() - began:.0f} s", err=True, nl=False)
            is_told.set()

    is_told = threading.Event()
    thread = threading.Thread(target=tell_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        if is_told.is_set():
            click.echo("", err=True)


def _tell(summary: Summary, out: Path, language: Language, *, as_json: bool) -> None:
    if as_json:
        click.echo(summary.as_json())
        return
    rows = summary.rows
    if language == "zh":
        click.echo(
            f"我方 {rows['ours']:,} 行，对方 {rows['theirs']:,} 行，对上 {summary.matched:,} 对"
        )
    else:
        click.echo(
            f"{rows['ours']:,} rows of ours, {rows['theirs']:,} of theirs,"
            f" {summary.matched:,} pairs matched"
        )
    for kind, count in summary.kinds.items():
        if count:
            click.echo(f"  {count:>12,}  {text(f'reconcile.kind_{kind}', {}, language)} ({kind})")
    if summary.exceptions:
        place = out / "exceptions.csv"
        said = f"差异明细在 {place}" if language == "zh" else f"each of them is in {place}"
        click.echo(said)
