"""The terminal's commands: run the counter's kiosk, and bind it to a server.

What is composed here: profile → devices, eyes, store, wire, counter (`terminal_app.terminal`).
"""

import gc
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from domain.errors import Refused
from domain.messages import Language, text
from domain.money import format_amount
from kiosk_profiles.load import known_names, load
from kiosk_profiles.schema import Profile
from sync.activation import activate_terminal
from sync.clocks import CorrectedClock, SystemClock
from sync.keystore import FileKeyStore, TerminalSecrets
from sync.outbox import Journal
from sync.store import LocalStore
from terminal_app.counter.view import CounterView

if TYPE_CHECKING:
    from terminal_app.terminal import Terminal

STATE = Path("var/terminal")
DEFAULT_PROFILE = "canteen"
SWITCH_S = 0.001
"""How long a thread may keep the interpreter when the glass's wants it; Python's own is five."""
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--profile", "name", default=DEFAULT_PROFILE, show_default=True, metavar="NAME|FILE",
    help="Until the console has bound it; then the console's, or a file of the same name.",
)  # fmt: skip
@click.option(
    "--state",
    default=STATE,
    show_default=True,
    type=_FOLDER,
    metavar="DIR",
    help="Where journal, replica and keys are kept.",
)
@click.option("--server", metavar="URL", default="", help="Another address of the same server.")
@click.option(
    "--headless",
    "script",
    type=click.File(encoding="utf-8"),
    metavar="SCRIPT",
    help="Play JSON lines from a file, or - for standard input, and stop.",
)
@click.option("--simulate", is_flag=True, help="A twin in the place of every device.")
@click.option("--json", "as_json", is_flag=True, help="Every change of the screens as JSON lines.")
@click.option("--framed", is_flag=True, help="Windows in frames on one screen, for trying out.")
@click.pass_context
def terminal(
    context: click.Context,
    name: str,
    state: Path,
    server: str,
    script: TextIO | None,
    simulate: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    framed: bool,  # noqa: FBT001
) -> None:
    """Run the counter's kiosk.

    \b
    fanpiao terminal --profile canteen                       real devices, until Ctrl-C
    fanpiao terminal --profile enrolment                     the desk where people are enrolled
    fanpiao terminal --simulate --headless lunch.jsonl       twins, played from a script
    echo '{"wait_s": 2}' | fanpiao terminal --simulate --headless - --json

    \b
    A script has one JSON object per line:
      {"press": "pin_entered", "pin": "135790"}
      {"press": "day_accepted"}
      {"key": "serving_started"}
      {"device": "reader", "present_hex": "04a1b2c3"}
      {"until": "approved", "within_s": 5}

    Opens the windows that the profile names; a device that is bound to nothing yet asks for its
    activation code first. With --headless or --json none opens, and the state
    is told here, line by line. Exits 1 when a script waited in vain.
    """
    language, is_told = _language(context), script is not None or as_json
    if not is_told:
        from terminal_app.screens.kiosk import prepare

        prepare(has_input_method=_profile(name, state, language).purpose == "enrolment")
        if not _first_run(
            _profile(name, state, language), state, server, is_simulated=simulate, is_framed=framed
        ):
            sys.exit(0)
    missed, is_rebound = 0, True
    while is_rebound:
        # Asked anew each time: the console decides, and may have bound it anew meanwhile
        profile = _profile(name, state, language)
        if profile.purpose == "enrolment" and not is_told:
            is_rebound = _enrol(profile, state, server, is_simulated=simulate, is_framed=framed)
            continue
        running = _terminal(profile, state, server, is_simulated=simulate)
        if is_told:
            running.counter.listen(_Teller(language, as_json=as_json))
            missed = _run(running, lambda running: _told(running, script))
        else:
            missed = _show(profile, running, is_framed=framed)
        is_rebound = running.is_rebound and not script
    sys.exit(1 if missed else 0)


@click.command()
@click.argument("code")
@click.option("--server", required=True, metavar="URL", help="Where the server answers.")
@click.option("--state", default=STATE, show_default=True, type=_FOLDER, metavar="DIR")
@click.option("--serial", default="", help="The device's serial number, if it has one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.pass_context
def activate(
    context: click.Context,
    code: str,
    server: str,
    state: Path,
    serial: str,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Bind this terminal to a server by the CODE its console shows.

    \b
    fanpiao activate 7K2M-9QXF --server http://127.0.0.1:8000

    A terminal that still has sales to hand over is not bound anew. Trying again with the same
    code after a lost answer is safe.
    """
    from terminal_app.terminal import KEYS, SOFTWARE, STORE

    key_store = FileKeyStore(state / KEYS)
    secrets = activate_terminal(
        key_store,
        server,
        code,
        serial=serial or f"{uuid.getnode():012x}",
        software=SOFTWARE,
        random=os.urandom,
        waiting_count=_waiting(key_store.load(), state / STORE),
    )
    binding = secrets.binding
    if binding is None:
        raise click.ClickException("the server's answer held no binding")
    if as_json:
        click.echo(json.dumps({"terminal_id": str(binding.terminal_id), "key": binding.key_id}))
        return
    data = {
        "terminal": binding.terminal_name,
        "store": binding.store_name,
        "merchant": binding.merchant_name,
    }
    click.echo(text("activation.done", data, _language(context)))


def _profile(name: str, state: Path, language: Language) -> Profile:
    """The profile this terminal was bound with; `name` only before that, or a file of that name.

    Who decides what a counter may do is the console: a word on the command line must not turn a
    cashier's counter into one without a cashier. Says so when the two differ.
    """
    from terminal_app.terminal import KEYS

    given = load(name)
    secrets = FileKeyStore(state / KEYS).load()
    bound = secrets.binding.profile if secrets and secrets.binding else ""
    if bound in ("", given.name):
        return given
    if bound not in known_names():
        raise Refused("terminals.other_profile", bound=bound, given=name)
    if name != DEFAULT_PROFILE:
        data: dict[str, str | int] = {"bound": bound, "given": name}
        click.echo(text("terminals.other_profile", data, language), err=True)
    return load(bound)


def _waiting(secrets: TerminalSecrets | None, store_path: Path) -> int:
    """How many records of the present binding still wait on this disk."""
    if secrets is None or secrets.binding is None or not store_path.exists():
        return 0
    with LocalStore(store_path) as store:
        clock = CorrectedClock(SystemClock(), store)
        journal = Journal(store, secrets.key, secrets.binding.terminal_id, clock, os.urandom)
        return journal.waiting().count


def _first_run(
    profile: Profile, state: Path, server: str, *, is_simulated: bool, is_framed: bool
) -> bool:
    """Bind a device that is bound to nothing yet; return whether it is bound."""
    from terminal_app.new_terminal import NewTerminal, is_activated

    if is_activated(state):
        return True
    from terminal_app.screens.first_run import FirstRunKiosk

    new = NewTerminal(profile, state, is_simulated=is_simulated, server_url=server)
    kiosk = FirstRunKiosk(profile, new, time.monotonic, is_framed=is_framed)
    try:
        _run(new, lambda _new: kiosk.run())
    finally:
        kiosk.close()
    # Bound and then closed before its devices were tried: the next start opens the counter
    return new.first_run.is_done


def _enrol(
    profile: Profile, state: Path, server: str, *, is_simulated: bool, is_framed: bool
) -> bool:
    """Run an enrolment desk with its windows until they close; say whether it was bound anew."""
    from terminal_app.enrolment.desk import EnrolmentDesk
    from terminal_app.screens.station import StationKiosk

    desk = EnrolmentDesk(profile, state, is_simulated=is_simulated, server_url=server)
    kiosk = StationKiosk(profile, desk, is_framed=is_framed)
    try:
        _run(desk, lambda _desk: _evenly(kiosk.run))
    finally:
        kiosk.close()
    return desk.is_rebound


def _terminal(profile: Profile, state: Path, server: str, *, is_simulated: bool) -> "Terminal":
    from terminal_app.terminal import Terminal

    return Terminal(profile, state, is_simulated=is_simulated, server_url=server)


def _run(running: Any, until_its_end: Callable[[Any], int]) -> int:
    """Run one terminal to its end; return how many expectations of a script were missed."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.interrupt())
    running.start()
    try:
        missed = until_its_end(running)
    finally:
        running.stop()
    if running.defect is not None:
        raise running.defect
    return missed


def _show(profile: Profile, running: Any, *, is_framed: bool) -> int:
    """Run one terminal with its windows, until they close or it stops."""
    from terminal_app.screens.kiosk import Kiosk

    kiosk = Kiosk(
        profile,
        running,
        running.hardware.supervised,
        time.monotonic,
        is_framed=is_framed,
    )
    try:
        return _run(running, lambda _running: _evenly(kiosk.run))
    finally:
        kiosk.close()


def _evenly(run: Callable[[], int]) -> int:
    """Run windows so that no frame of theirs waits long for another thread or for a collection.

    What starting made is kept to the end anyway, so the collector need not walk it ever again.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    return run()


def _told(running: Any, script: TextIO | None) -> int:
    return _play(running, script) if script else _until_stopped(running)


def _play(running: Any, script: TextIO) -> int:
    from terminal_app.headless import Play

    return Play(running).run(script)


def _until_stopped(running: Any) -> int:
    running.wait()
    return 0


def _language(context: click.Context) -> Language:
    given = context.obj or {}
    return "en" if given.get("language") == "en" else "zh"


class _Teller:
    """Tells every change of the screens on standard output."""

    def __init__(self, language: Language, *, as_json: bool) -> None:
        self._language = language
        self._as_json = as_json
        self._last = ""

    def __call__(self, view: CounterView) -> None:
        from terminal_app.headless import summary

        line = json.dumps(summary(view), ensure_ascii=False) if self._as_json else self._told(view)
        if line != self._last:
            self._last = line
            click.echo(line)

    def _told(self, view: CounterView) -> str:
        parts = [view.phase.value]
        if view.shown_amount:
            parts.append(format_amount(view.shown_amount))
        if view.masked_name:
            parts.append(view.masked_name)
        for code in (view.code, view.hint.code, view.refusal.code):
            if code:
                parts.append(text(code, view.refusal.data, self._language))
        return "  ".join(parts)
