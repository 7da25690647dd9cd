"""How a failure is told on the command line: its code, one sentence, and the exit code to go with.

The sentences of all dotted codes are in `domain.messages`.
"""

from __future__ import annotations

import errno
import sys
import tempfile
import time
import traceback
from pathlib import Path

import click

from domain.errors import Refused, Unavailable
from domain.messages import Language, text

FOUND_PROBLEMS = 1
REFUSED = 2
UNAVAILABLE = 3
DEFECT = 4
INTERRUPTED = 130


def tell(error: Exception, language: Language) -> int | None:
    """Write an anticipated failure to stderr and return its exit code; None when it is a defect."""
    sentences = getattr(error, "sentences", None)
    if isinstance(error, Refused) and callable(sentences):
        # Input with many mistakes at once: each has its own file and line
        for line in sentences(language):
            click.echo(line, err=True)
        _line(error.code, "", language)
        return REFUSED
    if isinstance(error, Refused | Unavailable):
        _line(error.code, text(error.code, error.data, language), language)
        return REFUSED if isinstance(error, Refused) else UNAVAILABLE
    if isinstance(error, OSError):
        return _tell_os_error(error, language)
    code = getattr(error, "code", None)
    if isinstance(code, str) and "." in code:
        # A device's or provider's own failure: a dotted code and a technician's detail
        detail = str(getattr(error, "detail", "")) or text(code, {}, language)
        _line(code, detail, language)
        return UNAVAILABLE
    return None


def tell_defect(error: BaseException, command: str) -> None:
    """Keep the traceback in a file and say where it is; nothing secret is written to the screen."""
    path = _keep("".join(traceback.format_exception(error)), command)
    click.echo(f"defect: {type(error).__name__}: a fault of Fanpiao, not of yours.", err=True)
    click.echo(f"  The details are in {path}; 'fanpiao --debug {command} …' shows them.", err=True)


def _keep(details: str, command: str) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"fanpiao-{command or 'cli'}-{stamp}-", suffix=".log", delete=False
    ) as file:
        file.write(details)
    return Path(file.name)


def _tell_os_error(error: OSError, language: Language) -> int | None:
    path = str(error.filename or "")
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            code, exit_code = "cli.disk_full", UNAVAILABLE
        case errno.EACCES | errno.EPERM | errno.EROFS if path:
            code, exit_code = "cli.no_permission", UNAVAILABLE
        case errno.EADDRINUSE:
            code, exit_code = "cli.address_in_use", UNAVAILABLE
        case errno.ENOENT | errno.ENOTDIR | errno.EISDIR if path:
            code, exit_code = "cli.no_file", REFUSED
        case _:
            return None
    _line(code, text(code, {"path": path}, language), language)
    return exit_code


def _line(code: str, said: str, language: Language) -> None:
    colon = "：" if language == "zh" else ": "
    click.echo(f"{code}{colon}{said}" if said else code, err=True)
    sys.stderr.flush()
