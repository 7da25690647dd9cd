"""The one front door: `fanpiao <command>`, each command imported only when it is used.

What a command does lives in the package it belongs to; this file knows where, and how every
failure is told: one line with its code, what is wrong and what to do, and an exit code.

    0   done, nothing wrong
    1   done, and something is wrong (an audit rule broke, doctor found a fault)
    2   cannot be done as asked: usage, input, or a rule refused
    3   not available now: server, device, disk or network; asking again may help
    4   a defect of Fanpiao itself
    130 interrupted
"""

from __future__ import annotations

import difflib
import importlib
import sys
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NoReturn, cast, get_args

import click

from domain.errors import Unavailable
from domain.messages import Language
from fanpiao.failures import DEFECT, INTERRUPTED, UNAVAILABLE, tell, tell_defect
from fanpiao.language import preferred_language


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command lives, and its one line in `fanpiao --help`."""

    module: str
    attribute: str
    line: str


PLACES: dict[str, Place] = {
    "demo": Place("fanpiao.demo", "demo", "Run a canteen's lunch end to end, leave a report."),
    "server": Place("server.config.commands", "server", "Run the server."),
    "worker": Place("server.config.commands", "worker", "Run due work beside a server."),
    "sandbox": Place("fanpiao.sandbox", "sandbox", "Run providers to take payments from in play."),
    "sample": Place("server.config.sample_command", "sample", "Make up a canteen to look at."),
    "terminal": Place("terminal_app.main", "terminal", "Run the counter's kiosk."),
    "activate": Place("terminal_app.main", "activate", "Bind this terminal to a server."),
    "doctor": Place("fanpiao.doctor", "doctor", "Say what is wrong here, and what to do."),
    "audit": Place("fanpiao.audit", "audit", "Prove the books; exit 1 if a rule broke."),
    "reconcile": Place("fanpiao.reconcile", "reconcile", "Hold two statements together."),
    "settle": Place("server.config.settle_command", "settle", "Close days and pay merchants."),
    "routing": Place("server.config.routing_command", "routing", "Try out other routing rules."),
    "decode": Place("fanpiao.pictures", "decode", "Read payment codes in pictures."),
    "faces": Place("fanpiao.faces", "faces", "Enrol and identify faces from pictures."),
    "cards": Place("fanpiao.cards", "cards", "Issue cards that prove themselves; inspect cards."),
    "backup": Place("server.config.commands", "backup", "Write one consistent file."),
    "restore": Place("server.config.commands", "restore", "Bring a backup back."),
}

EPILOG = """\b
Examples:
  fanpiao demo --headless                    everything once, in two minutes
  fanpiao sample                             a made-up canteen in var/server/
  fanpiao server --port 8000                 on SQLite, in var/server/
  fanpiao server --database postgresql://…   on PostgreSQL
  fanpiao activate CODE --server http://127.0.0.1:8000
  fanpiao terminal --profile canteen --simulate
  fanpiao doctor && fanpiao audit

\b
Exit codes: 0 done · 1 something is wrong · 2 refused, wrong usage or input
            3 not available now · 4 a defect of Fanpiao · 130 interrupted"""


class FrontDoor(click.Group):
    """A group that knows its commands by place and imports one only to run it or show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order a newcomer meets them."""
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or None when there is no such name."""
        place = PLACES.get(cmd_name)
        if place is None:
            return None
        try:
            found: Any = getattr(importlib.import_module(place.module), place.attribute)
        except ImportError as error:
            missing = error.name or place.module
            raise Unavailable("cli.command_missing", command=cmd_name, module=missing) from error
        assert isinstance(found, click.Command), f"{place} is not a command"
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve as click does, and guess what a misspelt command was meant to be."""
        if args and args[0] not in PLACES and not args[0].startswith("-"):
            raise click.UsageError(_no_such_command(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from `PLACES`, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.line) for name, place in PLACES.items()])


def _no_such_command(name: str) -> str:
    near = difflib.get_close_matches(name, PLACES, n=1)
    guess = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no command '{name}'.{guess} 'fanpiao --help' lists them."


@click.group(cls=FrontDoor, epilog=EPILOG, context_settings={"max_content_width": 100})
@click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="The language of messages; by default that of the locale.",
)
@click.version_option(package_name="fanpiao", prog_name="fanpiao")
@click.pass_context
def cli(ctx: click.Context, debug: bool, language: Language | None) -> None:  # noqa: FBT001
    """Take payments by scan, card and face, with or without a network, and prove the books."""
    ctx.obj = {"debug": debug, "language": language or preferred_language()}


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with one of the codes above; never with a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show Chinese gets escapes, not an exception
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    head = _options_before_the_command(arguments)
    try:
        result = cli.main(arguments, prog_name="fanpiao", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough
        sys.stderr.close()
        return 0
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else UNAVAILABLE
    except Exception as error:
        if head.debug:
            raise
        return _tell(error, head)
    return result if isinstance(result, int) else 0


@dataclass(frozen=True, slots=True)
class _Head:
    debug: bool
    language: Language
    command: str


def _options_before_the_command(arguments: list[str]) -> _Head:
    """Read --debug and --language without click, so that they hold even when click fails."""
    command = next((word for word in arguments if word in PLACES), "")
    before = arguments[: arguments.index(command)] if command else arguments
    language = preferred_language()
    for word, following in zip_longest(before, before[1:], fillvalue=""):
        chosen = following if word == "--language" else word.removeprefix("--language=")
        if chosen in get_args(Language):
            language = cast(Language, chosen)
    return _Head("--debug" in before, language, command)


def _tell(error: Exception, head: _Head) -> int:
    known = tell(error, head.language)
    if known is not None:
        return known
    tell_defect(error, head.command)
    return DEFECT
