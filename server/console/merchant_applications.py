"""A new merchant: applied for by one member of staff, approved by another, then it can sell.

    ask_to_open(application, by=…, now=…, random=…)   # → approved by somebody else

Rules
- An application is written down whole and never edited: who disagrees turns it down for a reason,
  and it is asked anew.
- Approving makes the merchant, its store, its agreement, its channel contracts at the rate
  applied for, and the bank account it is paid to, in one transaction.
- A licence number stands for one merchant that is not closed: the same business does not enter
  twice, however its name is written.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from domain.errors import Refused
from domain.fees import RateCard, card_data
from domain.ids import RandomBytes
from server.cases.approvals import carried_out
from server.cases.approvals.request_approval import Asked, Subject, request_approval
from server.cases.models import Approval
from server.channels.models import ChannelAccount
from server.merchants.models import (
    Agreement,
    ChannelContract,
    Merchant,
    MerchantState,
    Store,
)
from server.merchants.trading_days import open_day_of
from server.organisations.models import Organisation, Site
from server.settlement.models import PayoutAccount

KIND: Final = "approvals.merchant"
LICENCE = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}")
"""A unified social credit code has 18 signs (GB 32100-2015), an older licence number 15."""
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
NUMBER = re.compile(r"[0-9]{6,40}")
BANK = re.compile(r"[0-9A-Za-z]{1,32}")
MAX_RATE_PPM = 100_000
"""A tenth of every sale: more is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Application:
    """What a new merchant asks for; `rate_ppm` of every sale through a channel is our fee."""

    organisation_id: UUID
    site_id: UUID
    name: str
    code: str
    licence: str
    contact_name: str
    contact_phone: str
    store_name: str
    day_cut_off: str
    holder: str
    number: str
    bank: str
    rate_ppm: int
    cycle_days: int = 1

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON can keep it."""
        return {name: str(value) if isinstance(value, UUID) else value
                for name, value in asdict(self).items()}  # fmt: skip

    @classmethod
    def of(cls, approval: Approval) -> "Application":
        """Read what `as_data` kept."""
        data = {one.name: approval.data[one.name] for one in fields(cls)}
        return cls(**{
            **data, "organisation_id": approval.organisation, "site_id": UUID(data["site_id"]),
        })  # fmt: skip


def read_application(organisation: Organisation, typed: Mapping[str, str]) -> Application:
    """Read the form; raises `Refused` with a code that names the first wrong field."""
    said = {name: value.strip() for name, value in typed.items()}
    said["licence"] = said.get("licence", "").upper().replace(" ", "")
    said["number"] = said.get("number", "").replace(" ", "")
    for name, is_good in _CHECKS.items():
        if not is_good(said.get(name, "")):
            raise Refused(f"merchants.application_{name}")
    site = Site.objects.filter(
        organisation=organisation, id__in=[said["site"]], closed_on__isnull=True
    ).first()
    if site is None:
        raise Refused("merchants.application_site")
    names = ("name", "code", "licence", "contact_name", "contact_phone", "store_name",
             "day_cut_off", "holder", "number", "bank")  # fmt: skip
    return Application(
        organisation.id, site.id, **{name: said[name] for name in names},
        rate_ppm=_rate_ppm(said["rate"]), cycle_days=int(said["cycle_days"]),
    )  # fmt: skip


def ask_to_open(
    application: Application, *, by: str, now: datetime, random: RandomBytes
) -> Approval:
    """Ask in the name of `by`. Raises `Refused`: known already, or waiting already."""
    _refuse_known(application)
    subject_id = uuid5(application.organisation_id, f"merchant/{application.licence}")
    subject = Subject("merchant_application", subject_id, application.name)
    asked = Asked(application.organisation_id, KIND, subject, application.as_data())
    return request_approval(asked, by=by, now=now, random=random)


def open_merchant(approval: Approval, now: datetime) -> None:
    """Make the merchant, its store, agreement, contracts and account of an approved application.

    Raises `Refused` when the licence or the code has been taken meanwhile, or the site closed.
    """
    asked = Application.of(approval)
    _refuse_known(asked)
    organisation = Organisation.objects.get(id=asked.organisation_id)
    site = Site.objects.filter(
        id=asked.site_id, organisation=organisation, closed_on__isnull=True
    ).first()
    if site is None:
        raise Refused("merchants.application_site")
    merchant = Merchant.objects.create(
        id=uuid5(approval.id, "merchant"), organisation=organisation, code=asked.code,
        name=asked.name, licence=asked.licence, contact_name=asked.contact_name,
        contact_phone=asked.contact_phone,
    )  # fmt: skip
    Store.objects.create(
        id=uuid5(approval.id, "store"), organisation=organisation, merchant=merchant, site=site,
        code="1", name=asked.store_name, zone=organisation.zone, day_cut_off=asked.day_cut_off,
        currency=organisation.currency,
    )  # fmt: skip
    _agree(approval, asked, merchant, now)
    PayoutAccount.objects.create(
        id=uuid5(approval.id, "account"), organisation=organisation.id, payee_kind="merchant",
        payee=merchant.id, holder=asked.holder, number=asked.number, bank=asked.bank,
    )  # fmt: skip


def register_applications() -> None:
    """Let approved applications be carried out."""
    carried_out.register(KIND, open_merchant)


def _agree(approval: Approval, asked: Application, merchant: Merchant, now: datetime) -> None:
    """Take the organisation's wallets, and every channel that is switched on, from today on."""
    organisation = merchant.organisation
    today = open_day_of(organisation.id, merchant.id, now)
    Agreement.objects.create(
        id=uuid5(approval.id, "agreement"), organisation=organisation, merchant=merchant,
        starts_on=today,
    )  # fmt: skip
    card = card_data(RateCard(rate_ppm=asked.rate_ppm))
    for account in ChannelAccount.objects.filter(organisation=organisation, is_enabled=True):
        # What the channel keeps of us is no matter of the merchant's: as for the others
        known = ChannelContract.objects.filter(organisation=organisation, channel=account.name)
        newest = known.order_by("-starts_on").first()
        ChannelContract.objects.create(
            id=uuid5(approval.id, f"contract/{account.name}"), organisation=organisation,
            merchant=merchant, channel=account.name, card=card, cycle_days=asked.cycle_days,
            starts_on=today, **({"cost": newest.cost} if newest else {}),
        )  # fmt: skip


def _refuse_known(asked: Application) -> None:
    rows = Merchant.objects.filter(organisation=asked.organisation_id)
    if rows.filter(code=asked.code).exists():
        raise Refused("merchants.code_taken", taken=asked.code)
    known = rows.filter(licence=asked.licence).exclude(state=MerchantState.CLOSED).first()
    if known is not None:
        raise Refused("merchants.licence_taken", name=known.name)


def _rate_ppm(typed: str) -> int:
    """Read per cent as people write a rate, "0.38" or "0.6%"; 10,000 ppm are one."""
    whole, _, part = typed.rstrip("%％ ").partition(".")
    return int(whole or "0") * 10_000 + int((part + "0000")[:4])


def _is_rate(typed: str) -> bool:
    bare = typed.rstrip("%％ ")
    return bool(re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", bare)) and (
        _rate_ppm(typed) <= MAX_RATE_PPM
    )


def _is_time(typed: str) -> bool:
    return bool(re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", typed))


def _is_id(typed: str) -> bool:
    try:
        return bool(UUID(typed))
    except ValueError:
        return False


def _up_to(length: int) -> Callable[[str], bool]:
    return lambda typed: 0 < len(typed) <= length


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "name": _up_to(100),
    "code": lambda typed: bool(CODE.fullmatch(typed)),
    "licence": lambda typed: bool(LICENCE.fullmatch(typed)),
    "contact_name": _up_to(64),
    "contact_phone": lambda typed: bool(re.fullmatch(r"[0-9+() -]{5,32}", typed)),
    "site": _is_id,
    "store_name": _up_to(100),
    "day_cut_off": _is_time,
    "holder": _up_to(100),
    "number": lambda typed: bool(NUMBER.fullmatch(typed)),
    "bank": lambda typed: bool(BANK.fullmatch(typed)),
    "rate": _is_rate,
    "cycle_days": lambda typed: bool(re.fullmatch(r"[0-9]{1,2}", typed)) and int(typed) <= 90,
}
"""What each field of the form must be; its name is the end of the refusal's code."""
