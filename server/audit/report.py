"""The audit's report, for people and for programs."""

import json

import click

from server.audit.run_audit import Report


def print_report(report: Report, *, as_json: bool) -> None:
    """Print `report`: one JSON object, or a line per finding and one at the end."""
    if as_json:
        click.echo(json.dumps(as_dict(report), ensure_ascii=False))
        return
    for finding in report.findings:
        about = f" [{finding.subject}]" if finding.subject else ""
        click.echo(f"{finding.rule}: {finding.text}{about}")
    held = f"{report.checks} rules, {report.transfers} transfers"
    if report.ok:
        click.echo(f"The books are sound: {held}.")
    else:
        click.echo(f"The books are NOT sound: {', '.join(report.broken)} broke ({held}).")


def as_dict(report: Report) -> dict[str, object]:
    """The report as JSON has it."""
    return {
        "ok": report.ok,
        "transfers": report.transfers,
        "checks": report.checks,
        "broken": list(report.broken),
        "findings": [
            {"rule": found.rule, "text": found.text, "subject": found.subject}
            for found in report.findings
        ],
    }
