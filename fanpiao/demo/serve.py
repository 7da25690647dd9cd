"""A server process of the demo: the whole server of `fanpiao server`, on the demo's clock.

python -m fanpiao.demo.serve --database FILE --port N --clock FILE
"""

import argparse
import os
from pathlib import Path

from fanpiao.demo.clock import SharedClock


def main() -> None:
    """Serve until a signal says stop; says "ready" on standard output once it listens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clock", type=Path, required=True)
    given = parser.parse_args()
    from server.config.boot import alone, boot, prepare_database

    chosen = boot(given.database)
    from django.conf import settings

    from server.config.running import running
    from server.config.serving import listen, serve

    clock = SharedClock(given.clock)
    with alone(chosen):
        prepare_database()
        with (
            listen("127.0.0.1", given.port) as listener,
            running(clock, settings.SECRETS, os.urandom) as application,
        ):
            serve(application, listener, lambda: print("ready", flush=True))


if __name__ == "__main__":
    main()
