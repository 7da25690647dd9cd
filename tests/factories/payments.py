"""A till that sells meals: messages with valid defaults, and the commands they become.

till = Till(Rows())
sale = till.request(total=1200)
till.online(sale)                # the server decides
till.accept(sale)                # the counter says: handed over
till.cancel(sale); till.refund(sale, 300); till.net(sale)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from msgspec import structs

from domain.offline_policy import Assurance, Caps, OfflinePolicy
from server.channels.channel import Channel, Charge, QueryOutcome
from server.channels.open_channels import Channels, Opened
from server.channels.providers.simulated.channel import SimulatedChannel
from server.channels.providers.simulated.provider import SimulatedProvider
from server.fleet.authenticate import load_identities
from server.fleet.models import PolicyVersion
from server.http import TerminalIdentity
from server.ledger.apply import apply
from server.ledger.commands import AccountKey
from server.ledger.models import Account, Posting, Transfer
from server.merchants.models import Store
from server.payments.answers import approval_mac
from server.payments.arrivals import Arrived, Booked
from server.payments.book_offline_acceptance import plan_acceptances
from server.payments.cancel_payment import cancel_payment, plan_cancellations
from server.payments.choose_channel import Chosen
from server.payments.decide_payment import Decided, DecidePayment
from server.payments.models import Attempt, Order, Payment, Refund
from server.payments.plan import Asked, plan_payments
from server.payments.refund_payment import plan_refunds
from server.payments.resolve_payment import Resolver
from server.payments.rows import AttemptRow
from server.payments.settle_attempt import SettleAttempt
from server.wallets.top_up import top_up
from sync.messages import (
    Acceptance,
    Cancellation,
    CredentialKind,
    Evidence,
    Intent,
    Line,
    Mode,
    PaymentAnswer,
    PaymentRequest,
    RefundRequest,
    Stamp,
    Tender,
    fingerprint,
    payer_of_code,
)
from tests.factories.server_rows import SECRETS, Device, Rows

CHANNEL_CODE = "130000000000000001"
POLICY = OfflinePolicy(
    version=1,
    caps={assurance: Caps(5_000, 10_000) for assurance in Assurance},
    terminal_count=100,
    terminal_amount=100_000,
    max_age_s=8 * 3600,
)


def write_policy(rows: Rows, policy: OfflinePolicy = POLICY) -> None:
    """Store a policy version, so that facts can be judged by it."""
    caps = {
        str(int(kind)): {"payment_amount": cap.payment_amount, "person_amount": cap.person_amount}
        for kind, cap in policy.caps.items()
    }
    body = {
        "version": policy.version, "caps": caps, "terminal_count": policy.terminal_count,
        "terminal_amount": policy.terminal_amount, "max_age_s": policy.max_age_s,
        "near_cap_percent": policy.near_cap_percent, "extension_count": policy.extension_count,
        "extension_amount": policy.extension_amount,
    }  # fmt: skip
    PolicyVersion.objects.create(
        id=rows.id(), organisation=rows.organisation, version=policy.version, body=body,
        created_at=rows.now,
    )  # fmt: skip


def run(command: Any) -> Any:
    """Apply one command in a transaction of its own."""
    with transaction.atomic():
        return apply(connection, [command])[0]


def balance(account: AccountKey) -> int:
    """The balance of an account, 0 if it never moved."""
    row = Account.objects.filter(id=account.id).first()
    return 0 if row is None else row.balance


@dataclass
class Till:
    """One terminal of one store, one payer with ¥50, and a channel."""

    rows: Rows
    channel: SimulatedChannel | None = None
    now: datetime = field(init=False)
    devices: list[Device] = field(default_factory=list)
    _terminals: int = 0

    def __post_init__(self) -> None:
        rows = self.rows
        self.now = rows.now
        self.organisation = rows.organisation.id
        self.person = rows.new_person()
        self.shift = rows.id()
        self.terminal = self.new_identity()
        write_policy(rows)
        self.put_money(self.person.id, 5_000)

    def new_identity(self, store: Store | None = None) -> TerminalIdentity:
        """Activate another terminal of the store, or of another one."""
        rows = self.rows
        self._terminals += 1
        device = rows.activated(rows.new_terminal(f"{self._terminals} 号窗口", store))
        self.devices.append(device)
        place = (device.terminal.id, device.key.key_id)
        found = load_identities([place])[place]
        assert found is not None
        return found

    def put_money(self, person_id: UUID, amount: int) -> None:
        """Top up somebody's wallet."""
        run(top_up(
            self.rows.id(), self.organisation, person_id, amount, source="opening",
            at=self.now, business_on=self.now.date(),
        ))  # fmt: skip

    def pass_time(self, **step: float) -> None:
        """Let time pass for the server."""
        self.now += timedelta(**step)

    # --- messages ------------------------------------------------------------------------

    def request(
        self, total: int = 1_200, tender: Tender = Tender.WALLET, **changes: Any
    ) -> PaymentRequest:
        """A request by the till's own payer, or by whatever `changes` say."""
        kinds = {
            Tender.WALLET: (CredentialKind.FACE, f"person:{self.person.id}"),
            Tender.CASH: (CredentialKind.NONE, "cash"),
            Tender.CHANNEL: (
                CredentialKind.CHANNEL_CODE,
                payer_of_code(changes.get("auth_code", CHANNEL_CODE)),
            ),
        }
        kind, payer = kinds[tender]
        rows, terminal = self.rows, self.terminal
        intent = Intent(
            payment_id=rows.id(), organisation_id=self.organisation,
            merchant_id=terminal.merchant_id, store_id=terminal.store_id,
            terminal_id=terminal.terminal_id, order_id=rows.id(), tender=tender, payer=payer,
            lines=(Line(item="keyed", name="餐", quantity=1, unit_amount=total, amount=total),),
            total=total,
        )  # fmt: skip
        in_intent = {name: value for name, value in changes.items() if hasattr(intent, name)}
        others = {name: value for name, value in changes.items() if name not in in_intent}
        assurance = int(Assurance.FACE_LIVE) if tender is Tender.WALLET else 0
        values: dict[str, Any] = {
            "intent": structs.replace(intent, **in_intent),
            "evidence": Evidence(credential=kind, assurance=assurance),
            "stamp": self.stamp(), "binding_version": 1, "order_total": total,
            "shift_id": self.shift, **others,
        }  # fmt: skip
        return PaymentRequest(**values)

    def stamp(self, at: datetime | None = None) -> Stamp:
        """A stamp of now, or of `at`."""
        at = at or self.now
        return Stamp(corrected_at=at, raw_at=at, boot_id="b", monotonic_s=1.0)

    def arrived(self, message: Any, **changes: Any) -> Arrived[Any]:
        """A message as the inbox hands it over."""
        values: dict[str, Any] = {
            "message": message, "terminal": self.terminal, "key_state": "active",
            "revoked_at": None, "bound": True, "beyond_head": False,
            "record_id": self.rows.id(), "received_at": self.now, **changes,
        }  # fmt: skip
        return Arrived(**values)

    def acceptance(self, request: PaymentRequest, **changes: Any) -> Acceptance:
        """The counter's word that the meal was handed over."""
        values: dict[str, Any] = {"mode": Mode.OFFLINE, "policy_version": 1, **changes}
        return Acceptance(request=request, **values)

    def cancellation(self, request: PaymentRequest, **changes: Any) -> Cancellation:
        """The counter's word that the sale is over."""
        values: dict[str, Any] = {
            "payment_id": request.intent.payment_id, "order_id": request.intent.order_id,
            "fingerprint": fingerprint(request.intent), "reason": "undo", "stamp": self.stamp(),
            "binding_version": 1, **changes,
        }  # fmt: skip
        return Cancellation(**values)

    def refund_request(self, request: PaymentRequest, amount: int, **changes: Any) -> RefundRequest:
        """A refund by the payment's own tender."""
        values: dict[str, Any] = {
            "refund_id": self.rows.id(), "payment_id": request.intent.payment_id,
            "amount": amount, "tender": request.intent.tender, "reason": "spilt",
            "stamp": self.stamp(), "binding_version": 1, "shift_id": self.shift, **changes,
        }  # fmt: skip
        return RefundRequest(**values)

    # --- commands ------------------------------------------------------------------------

    def online_command(self, request: PaymentRequest, **changes: Any) -> DecidePayment:
        """The command of an online request."""
        terminal = changes.pop("terminal", self.terminal)
        [plan] = plan_payments([Asked(terminal, request, self.now)])
        values: dict[str, Any] = {
            "plan": plan, "fingerprint": fingerprint(request.intent), "now": self.now,
            "secrets": SECRETS, "chosen": Chosen("simulated"), **changes,
        }  # fmt: skip
        return DecidePayment(**values)

    def decide(self, request: PaymentRequest, **changes: Any) -> Decided:
        """Decide an online request without calling its channel."""
        decided: Decided = run(self.online_command(request, **changes))
        return decided

    def online(self, request: PaymentRequest, **changes: Any) -> PaymentAnswer:
        """Ask the server, as the API does: decide, then call the channel."""
        decided = self.decide(request, **changes)
        if decided.attempt is None or self.channel is None:
            return decided.answer
        number, amount = decided.attempt.id.hex, decided.attempt.amount
        charge = Charge(number, amount, request.auth_code or CHANNEL_CODE)
        said = self.channel.pay(charge, self.now)
        return self.channel_says(request, said, decided.attempt).answer

    def channel_says(
        self, request: PaymentRequest, said: QueryOutcome, attempt: AttemptRow | None = None
    ) -> Decided:
        """Commit a channel's word on a payment's attempt."""
        payment_id = request.intent.payment_id
        attempt_id = attempt.id if attempt else Attempt.objects.get(payment=payment_id).id
        decided: Decided = run(SettleAttempt(
            organisation_id=self.organisation, payment_id=payment_id,
            order_id=request.intent.order_id, merchant_id=self.terminal.merchant_id,
            channel="simulated", attempt_id=attempt_id, said=said, now=self.now, secrets=SECRETS,
        ))  # fmt: skip
        return decided

    def accept(self, request: PaymentRequest, **changes: Any) -> Booked:
        """Book an acceptance."""
        names = {
            "terminal",
            "bound",
            "beyond_head",
            "record_id",
            "key_state",
            "revoked_at",
            "is_decided",
        }
        on_arrival = {name: changes.pop(name) for name in names & set(changes)}
        item = self.arrived(self.acceptance(request, **changes), **on_arrival)
        [command] = plan_acceptances([item], SECRETS)
        booked: Booked = run(command)
        return booked

    def cancel(self, request: PaymentRequest, **changes: Any) -> Booked:
        """Book a cancellation of the counter."""
        on_arrival = {name: changes.pop(name) for name in {"terminal"} & set(changes)}
        item = self.arrived(self.cancellation(request, **changes), **on_arrival)
        booked: Booked = run(plan_cancellations([item])[0])
        return booked

    def cancel_by_server(self, request: PaymentRequest) -> Booked:
        """Let the server end a payment by itself."""
        booked: Booked = run(
            cancel_payment(self.organisation, request.intent.payment_id, now=self.now)
        )
        return booked

    def refund(self, request: PaymentRequest, amount: int, **changes: Any) -> Booked:
        """Book a refund."""
        return self.book_refund(self.refund_request(request, amount, **changes))

    def book_refund(self, message: RefundRequest) -> Booked:
        """Book this very refund."""
        booked: Booked = run(plan_refunds([self.arrived(message)])[0])
        return booked

    def mac(self, request: PaymentRequest) -> bytes:
        """The seal that the server put on its approval of this request."""
        intent = request.intent
        return approval_mac(SECRETS, self.organisation, intent.payment_id, fingerprint(intent))

    def resolver(self) -> Resolver:
        """The due work, over this till's channel."""
        assert self.channel is not None
        return Resolver(only(self.channel), run, SECRETS)

    # --- what the books say --------------------------------------------------------------

    def payment(self, request: PaymentRequest) -> Payment:
        """The payment as stored."""
        return Payment.objects.get(id=request.intent.payment_id)

    def one(self, model: Any) -> Any:
        """The only row of a kind in this organisation."""
        return model.objects.get(organisation=self.organisation)

    def count(self, model: Any) -> int:
        """How many rows of a kind this organisation has."""
        found: int = model.objects.filter(organisation=self.organisation).count()
        return found

    def state(self, request: PaymentRequest) -> str:
        """The state of a payment, "nothing" when there is none."""
        row = Payment.objects.filter(id=request.intent.payment_id).first()
        return "nothing" if row is None else row.state

    def net(self, request: PaymentRequest) -> dict[str, int]:
        """The net postings of a payment and its refunds, by kind of account; zeros left out."""
        payment_id = request.intent.payment_id
        refunds = Refund.objects.filter(payment=payment_id).values_list("id", flat=True)
        causes = [payment_id, *refunds]
        transfers = Transfer.objects.filter(cause_id__in=causes).values_list("id", flat=True)
        sums: dict[str, int] = {}
        for account_id, amount in Posting.objects.filter(transfer__in=list(transfers)).values_list(
            "account", "amount"
        ):
            account = Account.objects.get(id=account_id)
            kind = f"{account.owner_kind}/{account.kind}"
            sums[kind] = sums.get(kind, 0) + amount
        return {kind: amount for kind, amount in sums.items() if amount}


def tiny_channel(folder: Path) -> SimulatedChannel:
    """A simulated channel with a file of its own."""
    return SimulatedChannel(folder / "channel.sqlite3")


def other(request: PaymentRequest) -> PaymentRequest:
    """The same id for something else: another fingerprint."""
    intent = structs.replace(request.intent, payer="number:nobody")
    return structs.replace(request, intent=intent)


def order_of(request: PaymentRequest) -> Order:
    """The order as stored."""
    return Order.objects.get(id=request.intent.order_id)


def as_other_terminal(till: Till) -> TerminalIdentity:
    """A second terminal of the same store."""
    return till.new_identity()


def only(*channels: Channel) -> Channels:
    """These channels for every organisation, each taking every payer's code."""
    opened = {channel.name: Opened(channel, SimulatedProvider.code_kinds) for channel in channels}
    return Channels(lambda *_, **__: opened)
