"""The command line of the server: server, worker, audit, backup, restore.

Django is imported inside the commands: `fanpiao --help` must not wait for it.
"""

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from server.config.addresses import admit_hosts, public_url, reachable

DATABASE_HELP = "A SQLite file, or postgresql://…; default: $FANPIAO_DATABASE or var/server/."
PASSWORD_ENVIRONMENT = "FANPIAO_SUPERUSER_PASSWORD"

database_option = click.option("--database", metavar="FILE|URL", help=DATABASE_HELP)


@click.command()
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535),
    help="Port; 0 takes a free one.",
)  # fmt: skip
@click.option("--superuser", metavar="NAME", help="Make this first user of the back office.")
@click.option("--no-worker", is_flag=True, help="Leave due work to 'fanpiao worker'.")
def server(
    database: str | None,
    host: str,
    port: int,
    superuser: str | None,
    no_worker: bool,  # noqa: FBT001
) -> None:
    """Run the server: terminals at /v1/, the back office at /console/.

    \b
    fanpiao server                                       on SQLite in var/server/
    fanpiao server --database postgresql://u:p@host/db   on PostgreSQL
    fanpiao server --superuser admin                     and make a first user

    On an empty database it prints one link: the way to the first sale. Others on the network reach
    it with --host 0.0.0.0.

    The database is made and migrated by itself. SIGTERM or Ctrl-C stops it cleanly; kill -9
    loses nothing that was acknowledged.
    """
    from server.config.boot import alone, boot, is_postgresql, prepare_database

    admit_hosts(host)
    chosen = boot(database)
    if no_worker and not is_postgresql(chosen):
        _refuse_second_process()
    with alone(chosen):
        prepare_database()
        if superuser:
            _make_superuser(superuser)
        _serve(chosen, host, port, with_worker=not no_worker)


@click.command()
@database_option
def worker(database: str | None) -> None:
    """Do due work beside servers on the same PostgreSQL.

    \b
    fanpiao worker --database postgresql://u:p@host/db
    """
    from server.config.boot import boot, check_migrated, is_postgresql

    chosen = boot(database)
    if not is_postgresql(chosen):
        _refuse_second_process()
    check_migrated()
    from server.config.clock import SystemClock
    from server.config.running import running_worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with running_worker(SystemClock(), _secrets(chosen), os.urandom):
        click.echo(f"Working on {_shown(chosen)} until stopped.")
        stop.wait()


@click.command()
@database_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def audit(database: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Prove the books: every rule, on one snapshot. Exit code 1 when a rule broke.

    \b
    fanpiao audit
    fanpiao audit --database postgresql://u:p@host/db --json
    """
    from server.config.boot import boot, check_migrated

    boot(database)
    check_migrated()
    from server.audit.report import print_report
    from server.audit.run_audit import run_audit
    from server.config.clock import SystemClock

    # Progress is for whoever watches; a program that reads our output gets none of it
    show = None if as_json or not sys.stderr.isatty() else _progress
    report = run_audit(SystemClock().now(), show)
    print_report(report, as_json=as_json)
    if not report.ok:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@database_option
def backup(file: Path, database: str | None) -> None:
    """Write FILE: the whole database at one instant, and the server's secrets.

    \b
    fanpiao backup monday.fanpiao
    fanpiao backup monday.fanpiao --database postgresql://u:p@host/db

    The server may go on running. Keep the file as safe as the server itself.
    """
    from server.config.boot import boot, check_migrated

    chosen = boot(database)
    check_migrated()
    from server.config.backups import write_backup
    from server.config.clock import SystemClock

    size = write_backup(chosen, file, SystemClock().now())
    click.echo(f"Wrote {file} ({size:,} bytes).")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@database_option
def restore(file: Path, database: str | None) -> None:
    """Bring FILE back into an empty database (or a SQLite file that is not there).

    \b
    fanpiao restore monday.fanpiao --database var/server/fanpiao.sqlite3

    Counters notice by the feed's new epoch: they build their replica anew and push again what
    the restored server has not seen.
    """
    from server.config.backups import restore_backup
    from server.config.boot import alone, choose

    chosen = choose(database)
    with alone(chosen):
        restore_backup(file, chosen, os.urandom)
    click.echo(f"Restored {file} into {_shown(chosen)}.")


def _serve(database: str, host: str, port: int, *, with_worker: bool) -> None:
    from server.config.clock import SystemClock
    from server.config.running import running
    from server.config.serving import listen, serve

    with listen(host, port) as listener, contextlib.ExitStack() as stack:
        shown_host = f"[{host}]" if ":" in host else host
        url = f"http://{shown_host}:{listener.getsockname()[1]}"
        application = stack.enter_context(
            running(
                SystemClock(), _secrets(database), os.urandom,
                with_worker=with_worker, public_url=public_url(url),
            )
        )  # fmt: skip
        link = _first_run_link(database)
        serve(application, listener, lambda: _announce(url, database, link))


def _announce(url: str, database: str, link: str | None) -> None:
    """Say where the server listens and, while there is nobody to sign in, the one way in."""
    click.echo(f"Fanpiao listens on {url} ({_shown(database)}); back office: {url}/console/")
    if link:
        click.echo(f"First run: open {reachable(url)}{link}  (once, within an hour)")
    sys.stdout.flush()


def _first_run_link(database: str) -> str | None:
    from server.config.clock import SystemClock
    from server.console.first_run.link import make_link

    now = SystemClock().now()
    return make_link(now=now, random=os.urandom, secrets=_secrets(database))


def _make_superuser(name: str) -> None:
    from django.contrib.auth import get_user_model

    users: Any = get_user_model().objects
    if users.filter(username=name).exists():
        return
    password = os.environ.get(PASSWORD_ENVIRONMENT) or click.prompt(
        f"Password for {name}", hide_input=True, confirmation_prompt=True
    )
    users.create_superuser(username=name, password=password)
    click.echo(f"Made the user {name}.")


def _secrets(database: str) -> Any:
    from server.config.database import secrets_path
    from server.config.secrets import load_secrets

    return load_secrets(secrets_path(database))


def _refuse_second_process() -> None:
    from domain.errors import Refused

    raise Refused("databases.one_process")


def _shown(database: str) -> str:
    """The database without its password."""
    if "@" not in database:
        return database
    scheme, _, rest = database.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _progress(rule: str) -> None:
    click.echo(f"  {rule} …", err=True)
