"""The command: a window beside a kiosk where there is a screen, else the headless day."""

import click

from domain.messages import Language


@click.command()
@click.option("--headless", is_flag=True, help="Never a window: a canteen's day, and its report.")
@click.option("--window", is_flag=True, help="The window, whatever the environment says.")
@click.pass_context
def demo(context: click.Context, headless: bool, window: bool) -> None:  # noqa: FBT001
    """Show a canteen at work: with a screen in windows, without one as a day and its report.

    \b
    fanpiao demo               windows when there is a screen, else headless
    fanpiao demo --headless    three meals at two counters; var/demo/report/
    fanpiao demo --window      the kiosk, and a bench of devices beside it to play with

    Headless: one server process, two counters, their scanners, a card reader, a camera with real
    pictures; some two hundred sales over three meals, a server that dies in the rush, and
    everything that must cost nothing, or once. Exit code 1 when an invariant broke.

    In windows: show a code, tap a card, show a face, cut the network or the power, and watch what
    the counter says and what the books say. Closing the bench erases all of it.
    """
    from fanpiao.demo.window.run import has_screen, run_window

    if headless and window:
        raise click.UsageError("--headless and --window exclude each other")
    if window or (has_screen() and not headless):
        held = run_window(click.echo, _language(context))
    else:
        from fanpiao.demo.day import run_day

        held = run_day(click.echo)
    if not held:
        raise click.exceptions.Exit(1)


def _language(context: click.Context) -> Language:
    given = context.obj or {}
    return "en" if given.get("language") == "en" else "zh"
