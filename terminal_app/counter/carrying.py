"""Carries out what the machine asks for, in order; what follows goes back to it as events."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from devices.ports import FaceTemplate
from devices.vision.faces.model import MODEL_VERSION
from domain.authorization import Approve, Decline, Mode, NeedSecondFactor, NeedServer, Tender
from domain.errors import Refused, Unavailable
from domain.messages import Language
from sync.journal_rows import without_secrets
from sync.sales import acceptance_of
from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.binding import Circumstances, total_of
from terminal_app.counter.cart import Cart, meal_line
from terminal_app.counter.identify import Offer, Shown
from terminal_app.counter.in_hand import SaleInHand
from terminal_app.counter.parts import CashBack, Hint, Memory, Parts
from terminal_app.counter.payers import Payer
from terminal_app.counter.printing import as_copy, receipt_of
from terminal_app.counter.strip import RowState

Answer = on.Event | None
HANDS_MAX = 64
"""Sales kept for one-tap undo and for late answers; a minute holds far fewer."""


class Carrying:
    """The hands of the machine. `operator` tells who is signed in."""

    def __init__(self, parts: Parts, memory: Memory, operator: Callable[[], Any]) -> None:
        self._parts = parts
        self._memory = memory
        self._operator = operator
        self._by_type: dict[type, Callable[[Any, float], Answer]] = {
            do.NewOrder: self._new_order,
            do.Disarm: self._disarm,
            do.AwaitName: self._await_name,
            do.Freeze: self._freeze,
            do.DecideOffline: self._decide_offline,
            do.JournalAcceptance: self._accept,
            do.JournalDecline: self._decline,
            do.JournalCancellation: self._cancel,
            do.JournalRefund: self._refund,
            do.Poll: self._poll,
            do.Park: self._park,
            do.Spend: self._spend,
            do.Latch: self._latch,
            do.Play: self._play,
            do.Show: self._show,
            do.PrintReceipt: self._print,
            do.OpenDrawer: self._open_drawer,
            do.EmptyCart: self._empty_cart,
            do.Log: self._log,
            do.Forget: self._forget,
        }

    def carry_out(self, effect: do.Effect, now: float) -> Answer:
        """Do one thing; return what the machine is to hear of it."""
        return self._by_type[type(effect)](effect, now)

    # --- arming ---------------------------------------------------------------------------

    def _new_order(self, _effect: do.NewOrder, now: float) -> Answer:
        memory = self._memory
        memory.order_id = self._parts.maker.new_id()
        memory.order_lines = memory.cart.finished() or memory.order_lines
        memory.cart = replace(memory.cart, is_armed=True)
        memory.hint = Hint()
        self._parts.presence.arm(now)
        if self._parts.eyes is not None:
            self._parts.eyes.arm(now)
        return None

    def _disarm(self, _effect: do.Disarm, _now: float) -> Answer:
        self._parts.presence.disarm()
        if self._parts.eyes is not None:
            self._parts.eyes.disarm()
        return None

    def _await_name(self, _effect: do.AwaitName, now: float) -> Answer:
        self._disarm(do.Disarm(), now)
        self._parts.presence.arm(now)
        return None

    # --- the sale -------------------------------------------------------------------------

    def _freeze(self, effect: do.Freeze, now: float) -> Answer:
        parts, payer = self._parts, effect.payer
        self._memory.cash_back = CashBack()
        offer = self._offer_of(payer)
        request = parts.maker.request(payer, offer.shown, self._around(payer, effect.amount))
        try:
            fingerprint = parts.till.freeze(request)
        except (Unavailable, Refused) as error:
            return on.NotStored(effect.sale, error.code)
        hand = SaleInHand(
            sale=effect.sale,
            payer=payer,
            shown=offer.shown,
            request=request,
            fingerprint=fingerprint,
            frozen_at=now,
            at=parts.clock.now(),
        )
        hands = self._memory.hands
        hands[effect.sale] = hand
        while len(hands) > HANDS_MAX:
            hands.pop(next(iter(hands)))
        return self._ask(hand)

    def _offer_of(self, payer: Payer) -> Offer:
        return self._memory.offers.get(payer.offer, Offer(payer, Shown()))

    def _ask(self, hand: SaleInHand) -> Answer:
        payer, asking = hand.payer, self._parts.asking
        # Cash, and what stands on the operator's word, is a fact the server is told of
        is_own_word = payer.tender is Tender.CASH or bool(payer.override_reason)
        if is_own_word:
            return self._alone(hand)
        if not asking.is_online_first and payer.tender is not Tender.CHANNEL:
            return self._alone(hand)
        if not asking.is_online_first:
            return on.Declined(hand.sale, "tenders.not_offline")
        hand.is_sent = True
        asking.authorise(hand.sale, hand.request)
        return None

    def _around(self, payer: Payer, amount: int) -> Circumstances:
        parts, memory = self._parts, self._memory
        period = parts.meals.present()
        is_standing = parts.profile.amount.source == "standing"
        posted = parts.meals.price(payer.category) if is_standing else None
        lines = memory.order_lines if not is_standing else ()
        if total_of(lines) != amount:
            row = parts.meals.row(period)
            lines = (meal_line(period, amount, row.name_zh if row else ""),)
        return Circumstances(
            order_id=memory.order_id or parts.maker.new_id(),
            lines=lines,
            meal_period=period,
            price_version=posted.version if posted else 0,
            is_second=payer.second_amount is not None and amount == payer.second_amount
            and not payer.is_posted,
            shift_id=parts.shift.shift_id,
            operator_id=self._operator(),
        )  # fmt: skip

    def _decide_offline(self, effect: do.DecideOffline, _now: float) -> Answer:
        hand = self._memory.hands.get(effect.sale)
        return None if hand is None else self._alone(hand)

    def _alone(self, hand: SaleInHand) -> Answer:
        decided = self._parts.desk.decide(hand.payer, hand.amount, hand.shown.cap_amount)
        hand.decided = decided
        match decided.decision:
            case Approve():
                return on.Approved(hand.sale, is_online=False)
            case Decline(code) | NeedServer(code):
                return on.Declined(hand.sale, code)
            case NeedSecondFactor(code):
                return on.FactorNeeded(hand.sale, code)

    # --- the journal ----------------------------------------------------------------------

    def _accept(self, effect: do.JournalAcceptance, now: float) -> Answer:
        hand = self._memory.hands[effect.sale]
        hand.mode = Mode.ONLINE if effect.is_online else Mode.OFFLINE
        answer = self._parts.till.accept(hand)
        if isinstance(answer, on.OnDisk):
            label = self._parts.meals.label(hand.at)
            state = RowState.APPROVED
            self._parts.strip.put(hand, state, label, now, is_online=effect.is_online)
            self._parts.identify.note_paid(hand.payer, now)
            if hand.payer.given_amount:
                payer = hand.payer
                self._memory.cash_back = CashBack(payer.given_amount, payer.change_amount, now)
            if hand.shown.wallet_code:
                self._parts.identify.note_code_used(hand.shown.wallet_code)
        self._parts.hurry()
        return answer

    def _decline(self, effect: do.JournalDecline, _now: float) -> Answer:
        hand = self._memory.hands[effect.sale]
        self._parts.strip.mark(hand.payment_id, RowState.DECLINED)
        return self._parts.till.decline(hand, effect.code)

    def _cancel(self, effect: do.JournalCancellation, _now: float) -> Answer:
        hand = self._memory.hands[effect.sale]
        answer = self._parts.till.cancel(hand, effect.reason)
        self._parts.hurry()
        is_waiting = hand.request.intent.tender is Tender.CHANNEL and hand.is_sent
        state = RowState.CANCELLING if is_waiting else RowState.REVERSED
        self._parts.strip.mark(hand.payment_id, state, is_pulsing=is_waiting)
        if effect.is_shown or isinstance(answer, on.NotStored):
            return answer
        return None

    def _refund(self, effect: do.JournalRefund, _now: float) -> Answer:
        hand = self._memory.hands.get(effect.sale)
        if hand is None:
            return on.ProvedPaid(effect.sale, "undo.nothing")
        problem = self._parts.till.refund(
            hand.request, hand.amount, effect.reason, self._operator(),
            self._memory.approvals.pop(hand.payment_id, None),
        )  # fmt: skip
        if problem.startswith("storage"):
            return on.NotStored(effect.sale, problem)
        if problem:
            return on.ProvedPaid(effect.sale, problem)
        self._parts.hurry()
        if hand.request.intent.tender is Tender.CASH:
            self._memory.cash_back = CashBack()
            self._parts.printing.kick()
        is_own = hand.request.intent.tender is not Tender.CHANNEL
        state = RowState.REVERSED if is_own else RowState.CANCELLING
        self._parts.strip.mark(hand.payment_id, state, is_pulsing=not is_own)
        if not effect.is_shown:
            return None
        return on.CancelledOnDisk(effect.sale, is_own)

    def _poll(self, effect: do.Poll, _now: float) -> Answer:
        self.poll(effect.sale)
        return None

    def poll(self, sale: int) -> None:
        """Ask how a sale stands; what is being given up is never sent again."""
        hand = self._memory.hands.get(sale)
        if hand is not None:
            may_send = not hand.is_cancelled and not hand.is_accepted
            self._parts.asking.poll(sale, hand.request, may_send=may_send)

    def _park(self, effect: do.Park, now: float) -> Answer:
        hand = self._memory.hands[effect.sale]
        state = RowState.CANCELLING if effect.is_cancelling else RowState.AWAITING
        label = self._parts.meals.label(hand.at)
        self._parts.strip.put(hand, state, label, now, is_pulsing=True)
        return None

    # --- presence -------------------------------------------------------------------------

    def _spend(self, effect: do.Spend, _now: float) -> Answer:
        presence = self._parts.presence
        presence.spend(effect.what, effect.source, effect.track_id, effect.person)
        return None

    def _latch(self, effect: do.Latch, _now: float) -> Answer:
        self._parts.presence.latch(effect.track_id)
        return None

    # --- what is seen, heard and printed --------------------------------------------------

    def _play(self, effect: do.Play, _now: float) -> Answer:
        self._memory.tone = effect.tone
        self._memory.tones += 1
        return None

    def _show(self, effect: do.Show, now: float) -> Answer:
        self._memory.hint = Hint(effect.code, {}, now)
        return None

    def _print(self, effect: do.PrintReceipt, _now: float) -> Answer:
        if self._parts.profile.receipts.when == "always":
            self.print_again(self._memory.hands[effect.sale].payment_id)
        return None

    def print_again(self, payment_id: Any) -> bool:
        """Queue the receipt of a journalled sale, as a copy when it is not the first paper of it;
        say whether there is such a sale.
        """
        parts = self._parts
        acceptance = acceptance_of(parts.store, payment_id)
        if acceptance is None:
            return False
        row = parts.strip.row(payment_id)
        language: Language = parts.profile.language
        receipt = receipt_of(
            acceptance,
            title=parts.binding.merchant_name,
            label=parts.meals.label(acceptance.request.stamp.corrected_at),
            masked_name=row.masked_name if row else "",
            language=language,
        )
        is_copy = parts.printing.was_put(receipt.code)
        parts.printing.put(as_copy(receipt, language) if is_copy else receipt)
        return True

    def _open_drawer(self, _effect: do.OpenDrawer, _now: float) -> Answer:
        self._parts.printing.kick()
        return None

    def _empty_cart(self, _effect: do.EmptyCart, _now: float) -> Answer:
        self._memory.cart = Cart()
        return None

    def _log(self, effect: do.Log, _now: float) -> Answer:
        hand = self._memory.hands.get(effect.sale)
        data: dict[str, object] = {"payment_id": str(hand.payment_id)} if hand else {}
        problem = self._parts.till.note(
            effect.name,
            data,
            shift_id=self._parts.shift.shift_id,
            operator_id=self._operator(),
        )
        return on.NotStored(effect.sale, problem) if problem else None

    def _forget(self, effect: do.Forget, _now: float) -> Answer:
        """Drop secrets; an accepted sale stays known for its undo, without them."""
        hand = self._memory.hands.get(effect.sale)
        if hand is None:
            return None
        hand.request = without_secrets(hand.request)
        hand.shown = replace(hand.shown, auth_code="", pin="")
        offer = self._memory.offers.get(hand.payer.offer)
        if offer is not None:
            self._memory.offers[hand.payer.offer] = replace(offer, shown=hand.shown)
        return None


def gallery_of(parts: Parts, key: bytes) -> list[FaceTemplate]:
    """Every template that opens with the leased key and was made by this counter's own model.

    Between the numbers of two models a distance means nothing.
    """
    opened = parts.replica.templates(key, parts.binding.organisation_id).opened
    return [
        FaceTemplate(str(template.person_id), template.vector)
        for template in opened
        if template.model == MODEL_VERSION
    ]
