"""`fanpiao sandbox`: the providers' peers, to take payments from without a merchant account."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

PORT = 8210
"""The first of consecutive ports: always the same, so that accounts keep working."""


@click.command()
@click.option(
    "--folder",
    default="var/sandbox",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Books, keys and sandbox.json.",
)
@click.option(
    "--port", default=PORT, show_default=True, type=click.IntRange(0, 65000),
    help="The first of consecutive ports; 0: any free ones.",
)  # fmt: skip
def sandbox(folder: Path, port: int) -> None:
    """Run WeChat Pay, Alipay, UnionPay and a bank to try against, without real money.

    Each speaks its provider's protocol on 127.0.0.1 with its own keys and books, and lets go wrong
    what it is asked to: by the last two digits of a payer's code, or through /_control/.
    FOLDER/sandbox.json tells a server their addresses and a sample merchant's keys.

    \b
    Examples:
      fanpiao sandbox
      curl http://127.0.0.1:8210/_control/books
    """
    from server.sandbox.run import FILE, Sandbox, kinds, peer_class

    end = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: end.set())
    peers = [peer_class(kind) for kind in kinds()]
    running = Sandbox(folder, folder / "keys", peers, first_port=port)
    try:
        running.write(folder / FILE)
        running.keep_stepping()
        for kind, one in running.running.items():
            click.echo(f"{kind:10} {one.host}")
        click.echo(f"{folder / FILE}")
        end.wait()
    finally:
        running.stop()
