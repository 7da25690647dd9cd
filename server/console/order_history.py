"""A channel payment's whole history as one time line: asked, routed, answered, told, given back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as now_text

from domain.fees import RateCard, percent, read_card
from domain.messages import is_known, text
from domain.money import format_amount
from server.cases.models import Case
from server.channels.models import ChannelExchange, ChannelNotice, Verdict
from server.console.actions import ACTIONS
from server.console.models import AuditEntry
from server.console.words import OPERATIONS, STATES, why_text
from server.organisations.pages import language
from server.payments.models import Attempt, Payment, Refund

SHOWN = 4_000
"""Characters of what a provider wrote: enough to read its codes."""
SOURCES = ("counter", "us", "channel", "staff")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `source`: who did it; `mark`: "good", "warn", "bad" or ""."""

    at: datetime
    source: str
    what: str
    said: str = ""
    mark: str = ""
    details: tuple[str, ...] = ()
    raw: str = ""
    number: str = ""


def history_of(payment: Payment, attempts: list[Attempt], refunds: list[Refund]) -> list[Line]:
    """Return everything on file about a payment, in the order of its time."""
    numbers = [one.id.hex for one in attempts] + [one.id.hex for one in refunds]
    kept = {"organisation": payment.organisation, "number__in": numbers}
    about = [str(payment.id), *(str(one.id) for one in refunds)]
    lines = [_asked(payment), *(_sent(one) for one in attempts)]
    lines += [_exchange(one) for one in ChannelExchange.objects.filter(**kept)]
    lines += [_notice(one) for one in ChannelNotice.objects.filter(**kept)]
    for refund in refunds:
        lines += _refund(refund)
    for case in Case.objects.filter(organisation=payment.organisation, subject_id__in=about):
        lines += _case(case)
    acts = AuditEntry.objects.filter(
        organisation=payment.organisation, subject_id__in=about, action__startswith="orders."
    )
    lines += [_act(one) for one in acts]
    # What happened in one instant is told in the order it must have had
    return sorted(lines, key=lambda line: (line.at, SOURCES.index(line.source)))


def rate_lines(payment: Payment) -> list[str]:
    """Say what rate the payment carries, as it was when it was taken."""
    rate = payment.rate or {}
    if not rate.get("card"):
        return []
    lines = card_lines(read_card(rate["card"]))
    if rate.get("cost_amount") is not None:
        cost = format_amount(int(rate["cost_amount"]))
        lines.append(now_text("the channel keeps %(amount)s of us") % {"amount": cost})
    return lines


def card_lines(card: RateCard) -> list[str]:
    """Say what a rate card takes."""
    parts = (
        (card.fixed_amount, now_text("plus %(amount)s each")),
        (card.minimum_amount, now_text("at least %(amount)s")),
        (card.cap_amount, now_text("at most %(amount)s")),
    )
    said = [words % {"amount": format_amount(amount)} for amount, words in parts if amount]
    return [percent(card.rate_ppm), *said]


def route_reasons(attempt: Attempt) -> list[tuple[str, str]]:
    """Return (channel, why) as they were when the channel was chosen."""
    found = attempt.route.get("reasons", []) if attempt.route else []
    return [(str(one.get("channel", "")), _said(one["code"], one)) for one in found]


def readable(raw: Any, limit: int = SHOWN) -> str:
    """Return bytes from outside as text that shows and does nothing."""
    shown = bytes(raw)[: 4 * limit].decode("utf-8", "replace")[:limit]
    return "".join(one if one.isprintable() or one in "\n\t" else "\N{MIDDLE DOT}" for one in shown)


def _asked(payment: Payment) -> Line:
    amount = format_amount(payment.total_amount)
    return Line(payment.received_at, "counter", now_text("asked for %(amount)s")
                % {"amount": amount})  # fmt: skip


def _sent(attempt: Attempt) -> Line:
    what = now_text("sent to %(channel)s") % {"channel": attempt.channel}
    details = tuple(f"{channel}: {why}" for channel, why in route_reasons(attempt))
    return Line(attempt.submitted_at, "us", what, details=details, number=attempt.id.hex)


def _exchange(one: ChannelExchange) -> Line:
    status = f"HTTP {one.status}" if one.status else now_text("no answer")
    took = f"{one.took_ms} ms" if one.took_ms is not None else ""
    said = " · ".join(part for part in (one.outcome[:120], status, took) if part)
    mark = "bad" if one.is_alert else "warn" if one.is_unclear else ""
    what = f"{one.channel}: {OPERATIONS.get(one.operation, one.operation)}"
    return Line(one.at, "channel", what, said, mark, raw=readable(one.answer), number=one.number)


def _notice(one: ChannelNotice) -> Line:
    said = " · ".join(str(part) for part in (Verdict(one.verdict).label, why_text(one.why)) if part)
    if one.times > 1:
        said += " · " + now_text("came %(n)s times") % {"n": one.times}
    mark = "good" if one.verdict == Verdict.TAKEN else "bad"
    what = f"{one.channel}: {now_text('notice')}"
    return Line(one.first_at, "channel", what, said, mark, raw=readable(one.body))


def _refund(refund: Refund) -> Iterable[Line]:
    amount = format_amount(refund.amount)
    source = "counter" if refund.terminal else "us"
    yield Line(
        refund.received_at, source, now_text("refund of %(amount)s asked for") % {"amount": amount},
        refund.reason, number=refund.id.hex,
    )  # fmt: skip
    if refund.state in ("succeeded", "refused", "suspense"):
        what = now_text("refund of %(amount)s: %(state)s") % {
            "amount": amount, "state": STATES.get(refund.state, refund.state),
        }  # fmt: skip
        mark = "good" if refund.state == "succeeded" else "bad"
        yield Line(refund.changed_at, "us", what, _said(refund.code), mark)


def _case(case: Case) -> Iterable[Line]:
    said = _said(f"cases.{case.kind}")
    yield Line(case.opened_at, "us", now_text("case opened"), said, "bad")
    if case.closed_at is not None:
        yield Line(case.closed_at, "staff", now_text("case closed"), case.closed_by, "good")


def _act(entry: AuditEntry) -> Line:
    what = f"{entry.actor}: {ACTIONS.get(entry.action, entry.action)}"
    return Line(entry.at, "staff", what, entry.reason)


def _said(code: str, data: dict[str, Any] | None = None) -> str:
    return text(code, data or {}, language()) if is_known(code) else code


def siblings(payment: Payment) -> list[Payment]:
    """Return the order's other payments."""
    rows = Payment.objects.filter(organisation=payment.organisation, order=payment.order)
    return list(rows.exclude(id=payment.id).order_by("received_at"))


def moving(attempts: list[Attempt], refunds: list[Refund], live_states: Iterable[str]) -> bool:
    """Whether an answer is still to come without anybody doing anything."""
    states = frozenset(live_states)
    return any(one.state in states for one in attempts) or any(
        one.state == "submitted" for one in refunds
    )
