"""The check behind `fanpiao doctor --database`: the channels of the server on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from domain.errors import Refused, Unavailable
from domain.messages import text
from fanpiao.findings import Finding

if TYPE_CHECKING:
    from server.config.check_channels import Checked


def channels(database: str, now: datetime) -> list[Finding]:
    """Say of each channel whether its keys are right and its provider answers."""
    from server.config.boot import boot, check_migrated

    try:
        boot(database)
        check_migrated()
        return _tested(now) or [Finding("channel", "warning", "channel.none")]
    except (Refused, Unavailable) as refused:
        data = refused.data
        said = {"zh": text(refused.code, data, "zh"), "en": text(refused.code, data, "en")}
        return [Finding("channel", "wrong", "channel.no_database", {**said})]


def _tested(now: datetime) -> list[Finding]:
    from server.config.check_channels import check_channels

    return [one for checked in check_channels(now, os.urandom) for one in _told(checked)]


def _told(checked: Checked) -> Iterator[Finding]:
    of: dict[str, str | int] = {"organisation": checked.organisation, "channel": checked.channel}
    if not checked.is_enabled:
        yield Finding("channel", "ok", "channel.off", of)
    elif checked.error:
        yield Finding("channel", "wrong", "channel.closed", {**of, "why": checked.error})
    else:
        wrong = [one for one in checked.findings if not one.is_right]
        for one in wrong:
            said = {"zh": text(one.code, one.data, "zh"), "en": text(one.code, one.data, "en")}
            more = {"setting": one.check, "why": one.code}
            yield Finding("channel", "wrong", "channel.wrong", {**of, **more, **said})
        if not wrong:
            yield Finding("channel", "ok", "channel.ok", of)
