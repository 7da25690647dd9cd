"""`fanpiao doctor`: say what is wrong with this machine, and what to do about each thing."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import click

from devices.transport import hid
from domain.messages import Language
from fanpiao import channel_checks, checks, device_checks
from fanpiao.findings import Finding
from fanpiao.language import preferred_language

_NAMES: dict[str, dict[Language, str]] = {
    "python": {"zh": "Python", "en": "Python"},
    "disk": {"zh": "磁盘", "en": "disk"},
    "clock": {"zh": "时钟", "en": "clock"},
    "fonts": {"zh": "字体", "en": "fonts"},
    "libraries": {"zh": "库", "en": "libraries"},
    "qt": {"zh": "Qt", "en": "Qt"},
    "data": {"zh": "模型", "en": "models"},
    "serial": {"zh": "串口", "en": "serial ports"},
    "pcsc": {"zh": "读卡服务", "en": "card service"},
    "camera": {"zh": "摄像头", "en": "cameras"},
    "profile": {"zh": "配置", "en": "profile"},
    "device": {"zh": "设备", "en": "device"},
    "input": {"zh": "键盘类设备", "en": "keyboards"},
    "undriven": {"zh": "未用设备", "en": "not driven"},
    "sound": {"zh": "声音", "en": "sound"},
    "keys": {"zh": "密钥", "en": "keys"},
    "server": {"zh": "服务器", "en": "server"},
    "channel": {"zh": "支付渠道", "en": "channel"},
}
ROOT = Path(__file__).parents[1]
_MARKS = {"ok": "✓", "warning": "!", "wrong": "✗"}


@click.command(
    "doctor",
    epilog="""\b
Examples:
  fanpiao doctor
  fanpiao doctor --profile canteen --server http://10.0.0.2:8000
  fanpiao doctor --profile canteen --state /var/lib/fanpiao/terminal
  fanpiao doctor --database var/server/fanpiao.sqlite3      on the server: its channels too
  fanpiao doctor --json | jq '.findings[] | select(.state != "ok")'

\b
Exit codes: 0 nothing is wrong (warnings may be there) · 1 something is wrong""",
)
@click.option("--profile", help="Also check this kiosk profile (name or file) and its devices.")
@click.option("--server", help="Also ask this server, http://host:port, and compare clocks.")
@click.option(
    "--state",
    default=Path("var/terminal"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the terminal keeps its keys and journal.",
)
@click.option(
    "--database",
    metavar="FILE|URL",
    help="Also test each channel of this server: its keys, and one harmless question to it.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def doctor(
    ctx: click.Context,
    *,
    profile: str | None,
    server: str | None,
    state: Path,
    database: str | None,
    as_json: bool,
) -> None:
    """Say what is wrong with this machine, and what to do.

    Looks at Python, disk, clock, fonts, libraries, models, sound, keys, ports, readers, keyboards
    and cameras, and opens every device of the profile once. It changes nothing and may run beside
    an open counter: what that holds is left to it.
    """
    language: Language = (ctx.obj or {}).get("language") or preferred_language()
    now = dt.datetime.now(dt.UTC)
    findings = examine(profile, server, now=now, state=state)
    findings += channel_checks.channels(database, now) if database else []
    if as_json:
        click.echo(json.dumps(_as_data(findings, language), ensure_ascii=False, indent=2))
    else:
        _print(findings, language)
    ctx.exit(1 if any(finding.state == "wrong" for finding in findings) else 0)


def examine(
    profile: str | None,
    server: str | None,
    *,
    now: dt.datetime,
    state: Path = ROOT / "var" / "terminal",
) -> list[Finding]:
    """Run every check that applies and return the findings in the order of the list above."""
    found, profile_findings = checks.profile(profile) if profile else (None, [])
    needs_reader = found is not None and bool(found.devices_of("card_reader"))
    entries = device_checks.entries_of(found)
    absent = {finding.data.get("device") for finding in profile_findings}
    there = [entry for entry in entries if entry.name not in absent]
    keys = state / "terminal-keys.json"
    url = server or device_checks.server_of(keys)
    return [
        checks.python(),
        checks.disk(state),
        checks.clock(now.date()),
        checks.fonts(),
        checks.libraries(),
        checks.qt(),
        checks.data(),
        device_checks.sound(),
        device_checks.key_store(keys),
        checks.serial_ports(),
        checks.pcsc(is_needed=needs_reader),
        checks.cameras(),
        device_checks.keyboards(entries, hid.plugged_in()),
        *profile_findings,
        *device_checks.devices(there, time.monotonic()),
        device_checks.unclaimed(entries),
        *(checks.server(url, now) if url else []),
    ]


def _as_data(findings: list[Finding], language: Language) -> dict[str, object]:
    return {
        "ok": all(finding.state != "wrong" for finding in findings),
        "findings": [
            {
                "check": finding.check,
                "state": finding.state,
                "code": finding.code,
                "data": finding.data,
                "text": finding.sentence(language),
            }
            for finding in findings
        ],
    }


def _print(findings: list[Finding], language: Language) -> None:
    for finding in findings:
        name = _NAMES[finding.check][language]
        width = 14 - sum(ord(letter) > 0x2E80 for letter in name)
        click.echo(f"{_MARKS[finding.state]} {name:<{width}} {finding.sentence(language)}")
    wrong = sum(finding.state == "wrong" for finding in findings)
    if wrong:
        summary = f"{wrong} 处不正常" if language == "zh" else f"{wrong} wrong"
        click.echo(summary)
