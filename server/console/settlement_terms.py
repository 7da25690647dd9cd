"""Agents, terms, splits and the bank calendar: forms that become rows, each with its entry.

Nothing is edited: a change is a new row from a later day on, so that what was settled keeps its
terms; only a split's end and a day of the calendar are set anew.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model, Q, Sum
from django.http import HttpRequest

from domain.errors import Refused
from domain.fees import PPM, RateCard, card_data
from domain.money import parse_amount
from domain.typed_days import typed_day
from server.channels.models import ChannelAccount
from server.console.audit import snapshot, write_entry
from server.console.roles import Reach
from server.fresh import fresh_id
from server.merchants.models import (
    Agent,
    AgentCost,
    Merchant,
    Receiver,
    SettlementTerms,
    SplitRule,
)
from server.organisations.models import Organisation
from server.organisations.pages import now, random
from server.settlement.models import CalendarDay

MAX_CYCLE: Final = 90


def keep(request: HttpRequest, reach: Reach, organisation: Organisation) -> None:
    """Do what the form asks for. Raises `Refused` for what is missing, taken or makes no sense."""
    asked = request.POST.get("do", "")
    maker = MAKERS.get(asked)
    if maker is None:
        raise Refused("settlement.terms_field")
    try:
        with transaction.atomic():
            row = maker(request, reach, organisation)
            write_entry(request, f"terms.{asked}", row, after=snapshot(row))
    except IntegrityError as taken:
        raise Refused("settlement.terms_taken") from taken


def _agent(request: HttpRequest, reach: Reach, organisation: Organisation) -> Model:
    parent = _optional(request, reach, "parent", Agent)
    return Agent.objects.create(
        **_new(organisation), code=_text(request, "code", 32), name=_text(request, "name", 100),
        parent=parent,
    )  # fmt: skip


def _cost(request: HttpRequest, reach: Reach, organisation: Organisation) -> Model:
    agent = _chosen(request, reach, "agent", Agent)
    channel = _chosen(request, reach, "channel", ChannelAccount)
    return AgentCost.objects.create(
        **_new(organisation), agent=agent, channel=channel.name, card=card_data(_card(request)),
        starts_on=_day(request, "starts_on"),
    )  # fmt: skip


def _terms(request: HttpRequest, reach: Reach, organisation: Organisation) -> Model:
    cycle = request.POST.get("cycle_days", "").strip()
    if not (cycle.isascii() and cycle.isdigit() and int(cycle) <= MAX_CYCLE):
        raise Refused("settlement.terms_field")
    return SettlementTerms.objects.create(
        **_new(organisation), merchant=_chosen(request, reach, "merchant", Merchant),
        starts_on=_day(request, "starts_on"), cycle_days=int(cycle),
        least_amount=_amount(request, "least") or 0,
        agent=_optional(request, reach, "agent", Agent),
    )  # fmt: skip


def _receiver(request: HttpRequest, _: Reach, organisation: Organisation) -> Model:
    return Receiver.objects.create(
        **_new(organisation), code=_text(request, "code", 32), name=_text(request, "name", 100)
    )


def _split(request: HttpRequest, reach: Reach, organisation: Organisation) -> Model:
    merchant = _chosen(request, reach, "merchant", Merchant)
    receiver = _chosen(request, reach, "receiver", Receiver)
    starts_on, rate = _day(request, "starts_on"), _rate(request)
    present = SplitRule.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on), merchant=merchant
    ).exclude(receiver=receiver)
    together = (present.aggregate(sum=Sum("rate_ppm"))["sum"] or 0) + rate
    if not rate:
        raise Refused("settlement.terms_field")
    if together > PPM:
        raise Refused("settlement.split_over")
    return SplitRule.objects.create(
        **_new(organisation), merchant=merchant, receiver=receiver, rate_ppm=rate,
        starts_on=starts_on,
    )  # fmt: skip


def _end(request: HttpRequest, reach: Reach, _: Organisation) -> Model:
    row: SplitRule = _chosen(request, reach, "split", SplitRule)
    ends_on = _day(request, "ends_on")
    if ends_on < row.starts_on:
        raise Refused("settlement.terms_field")
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])
    return row


def _holiday(request: HttpRequest, _: Reach, organisation: Organisation) -> Model:
    row, _made = CalendarDay.objects.update_or_create(
        organisation=organisation.id, day=_day(request, "day"),
        defaults={"is_open": request.POST.get("is_open") == "open",
                  "name": request.POST.get("name", "").strip()[:64]},
        create_defaults={"id": fresh_id(now(), random),
                         "is_open": request.POST.get("is_open") == "open",
                         "name": request.POST.get("name", "").strip()[:64]},
    )  # fmt: skip
    return row


Maker = Callable[[HttpRequest, Reach, Organisation], Model]
MAKERS: Final[Mapping[str, Maker]] = {
    "agent": _agent, "cost": _cost, "terms": _terms, "receiver": _receiver, "split": _split,
    "end": _end, "holiday": _holiday,
}  # fmt: skip


def _new(organisation: Organisation) -> dict[str, Any]:
    return {"id": fresh_id(now(), random), "organisation": organisation}


def _text(request: HttpRequest, name: str, most: int) -> str:
    typed = request.POST.get(name, "").strip()
    if not 0 < len(typed) <= most:
        raise Refused("settlement.terms_field")
    return typed


def _day(request: HttpRequest, name: str) -> date:
    day = typed_day(request.POST.get(name, ""))
    if day is None:
        raise Refused("settlement.terms_field")
    return day


def _chosen(request: HttpRequest, reach: Reach, name: str, model: Any) -> Any:
    row = _optional(request, reach, name, model)
    if row is None:
        raise Refused("settlement.terms_field")
    return row


def _optional(request: HttpRequest, reach: Reach, name: str, model: Any) -> Any:
    try:
        id = UUID(request.POST.get(name, ""))
    except ValueError:
        return None
    return reach.of(model.objects.all()).filter(id=id).first()


def _amount(request: HttpRequest, name: str) -> int | None:
    typed = request.POST.get(name, "").strip()
    return parse_amount(typed) if typed else None


def _rate(request: HttpRequest) -> int:
    """Read a percentage with up to four decimals as parts per million."""
    typed = request.POST.get("rate", "").strip().removesuffix("%").strip()
    try:
        ppm = Decimal(typed or "0") * (PPM // 100)
    except InvalidOperation as wrong:
        raise Refused("settlement.terms_field") from wrong
    if not ppm.is_finite() or ppm != ppm.to_integral_value() or not 0 <= ppm <= PPM:
        raise Refused("settlement.terms_field")
    return int(ppm)


def _card(request: HttpRequest) -> RateCard:
    try:
        return RateCard(
            rate_ppm=_rate(request), fixed_amount=_amount(request, "fixed") or 0,
            minimum_amount=_amount(request, "minimum") or 0, cap_amount=_amount(request, "cap"),
        )  # fmt: skip
    except ValueError as wrong:
        raise Refused("settlement.terms_field") from wrong
