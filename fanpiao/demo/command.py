"""The command: replaces var/demo, runs the day, and exits 1 when an invariant broke."""

import click


@click.command()
@click.option("--headless", is_flag=True, help="Without a window (so far it always is).")
def demo(headless: bool) -> None:  # noqa: FBT001
    """Run a canteen's lunch end to end and leave a report in var/demo/report/.

    \b
    fanpiao demo --headless

    One server process, two counters, their scanners, a card reader, a camera with real pictures;
    some two hundred sales over three meals, a server that dies in the rush, and everything that
    must cost nothing, or once. Exit code 1 when an invariant broke.
    """
    from fanpiao.demo.day import run_day

    del headless  # there is no window yet
    if not run_day(click.echo):
        raise click.exceptions.Exit(1)
