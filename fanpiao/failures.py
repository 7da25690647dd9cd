"""How a failure is told on the command line: its code, one sentence, and the exit code to go with.

The sentences of dotted codes live in `domain.messages`, those of the command line itself here.
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
from fanpiao.language import Language

FOUND_PROBLEMS = 1
REFUSED = 2
UNAVAILABLE = 3
DEFECT = 4
INTERRUPTED = 130

_OWN: dict[str, dict[Language, str]] = {
    "cli.command_missing": {
        "zh": "命令“{command}”的组成部分没有装好（缺 {module}）：请运行 script/setup",
        "en": "a part of the command '{command}' is not installed ({module}): run script/setup",
    },
    "cli.disk_full": {
        "zh": "磁盘已满：请清出空间后再试",
        "en": "the disk is full: free some space and run this again",
    },
    "cli.no_permission": {
        "zh": "没有权限访问 {path}",
        "en": "no permission for {path}: run as its owner, or change its owner",
    },
    "cli.address_in_use": {
        "zh": "这个端口已被占用：请停掉另一个程序，或换一个端口",
        "en": "the port is taken: stop the other program, or choose another port",
    },
    "cli.no_file": {
        "zh": "没有这个文件：{path}",
        "en": "there is no such file: {path}",
    },
}


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
        _line(error.code, sentence(error.code, error.data, language), language)
        return REFUSED if isinstance(error, Refused) else UNAVAILABLE
    if isinstance(error, OSError):
        return _tell_os_error(error, language)
    code = getattr(error, "code", None)
    if isinstance(code, str) and "." in code:
        # A device's or provider's own failure: a dotted code and a technician's detail
        detail = str(getattr(error, "detail", "")) or sentence(code, {}, language)
        _line(code, detail, language)
        return UNAVAILABLE
    return None


def sentence(code: str, data: dict[str, str | int | bool | None], language: Language) -> str:
    """Return the sentence for people of a dotted code, with its blanks filled."""
    if code in _OWN:
        return _OWN[code][language].format(**data)
    from domain.messages import text as catalogued

    return catalogued(code, data, language)


def tell_defect(error: BaseException, command: str) -> None:
    """Keep the traceback in a file and say where it is; nothing secret is written to the screen."""
    text = "".join(traceback.format_exception(error))
    path = _keep(text, command)
    click.echo(f"defect: {type(error).__name__}: a fault of Fanpiao, not of yours.", err=True)
    click.echo(f"  The details are in {path}; 'fanpiao --debug {command} …' shows them.", err=True)


def _keep(text: str, command: str) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"fanpiao-{command or 'cli'}-{stamp}-", suffix=".log", delete=False
    ) as file:
        file.write(text)
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
    _line(code, sentence(code, {"path": path}, language), language)
    return exit_code


def _line(code: str, text: str, language: Language) -> None:
    colon = "：" if language == "zh" else ": "
    click.echo(f"{code}{colon}{text}" if text else code, err=True)
    sys.stderr.flush()
