"""Measure everything, or `--only` some of it; print one table, write var/bench/results.json.

script/bench                        everything, some ten minutes
script/bench --quick                one short round of each
script/bench --only payments        one benchmark (repeatable)
script/bench --only month           a month of a whole platform, some twenty minutes
"""

import importlib
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks.disk import sync_us
from benchmarks.figures import Figure, save, table

NAMES = (
    "payments", "drain", "resolve", "counter", "taps", "faces", "codes", "kiosk", "rush",
    "reconcile",
)  # fmt: skip
LONG = ("month",)
"""Only by name: not for every run."""
RESULTS = Path("var/bench/results.json")


@click.command(help=__doc__)
@click.option(
    "--only", multiple=True, type=click.Choice((*NAMES, *LONG)), help="Only this; repeatable."
)
@click.option("--quick", is_flag=True, help="One short round: for a look, not for a figure.")
@click.option("--results", default=RESULTS, type=click.Path(path_type=Path), show_default=True)
def main(only: tuple[str, ...], quick: bool, results: Path) -> None:  # noqa: FBT001
    """Run the benchmarks one after the other."""
    figures: list[Figure] = []
    syncs_us = [sync_us()]
    for name in only or NAMES:
        click.echo(f"measuring {name} …", err=True)
        for figure in importlib.import_module(f"benchmarks.{name}").measure(quick=quick):
            figures.append(figure)
            click.echo(f"  {figure.name}: {figure.value:,.4g} {figure.unit}", err=True)
        syncs_us.append(sync_us())
    run = _conditions(syncs_us, quick=quick)
    save(results, run, figures)
    click.echo(table(figures))
    click.echo("\n" + ", ".join(f"{name}: {value}" for name, value in run.items()))


def _conditions(syncs_us: list[float], *, quick: bool) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "µs per fdatasync, before and after each": [round(value) for value in syncs_us],
        "quick": quick,
    }


if __name__ == "__main__":
    main()
