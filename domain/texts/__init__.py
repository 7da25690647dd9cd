"""Every dotted code with its two sentences, one file per part of the system.

Look codes up through ``domain.messages``; add one by one entry in the file it belongs to.
"""

from domain.texts import (
    approvals,
    cases,
    channels,
    channels_alipay,
    channels_bank,
    channels_unionpay,
    channels_wechat,
    command_line,
    console_channels,
    counter,
    devices,
    diner,
    enrolment,
    lists,
    money,
    people,
    reconcile,
    reports,
    routing,
    settlement,
    staff,
    system,
    terminals,
    webhooks,
)
from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    **money.TEXTS,
    **approvals.TEXTS,
    **cases.TEXTS,
    **channels.TEXTS,
    **channels_alipay.TEXTS,
    **channels_bank.TEXTS,
    **channels_wechat.TEXTS,
    **people.TEXTS,
    **enrolment.TEXTS,
    **staff.TEXTS,
    **lists.TEXTS,
    **terminals.TEXTS,
    **counter.TEXTS,
    **devices.TEXTS,
    **diner.TEXTS,
    **system.TEXTS,
    **command_line.TEXTS,
    **console_channels.TEXTS,
    **channels_unionpay.TEXTS,
    **reconcile.TEXTS,
    **reports.TEXTS,
    **routing.TEXTS,
    **settlement.TEXTS,
    **webhooks.TEXTS,
}
