"""Who a counter knows: from a credential to a payer, by the replica alone (COUNTER §4).

People entitled at this site are known here; everybody else pays by card, code or number through
the server, under a reference that says what was shown. Nothing here decides whether they may pay.

Rules
- A wallet code is verified here, without a network, with the issuers' keys of the feed, and pays
  once at this counter; the books refuse it elsewhere.
- A channel's code is kept apart under the offer's number and never enters a state or a log.
- A face is a person only with threshold and margin (`faces`); where it is not sure, too like
  somebody else, too dear or unattended, it must be proved.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

from devices.ports import Assurance as ReadAssurance
from domain import wallet_code
from domain.authorization import Tender
from domain.clock import Clock
from domain.errors import Refused
from domain.offline_policy import Assurance
from domain.payment_codes import AmbiguousCode, CodeKind, CodeRule, UnknownCode, recognise
from kiosk_profiles.schema import Profile
from sync.messages import PAYER_UNKNOWN, CardRow, CredentialKind, PersonRow, payer_of_code
from sync.pins import verify_pin
from sync.replica import Replica
from sync.sales import sales_of_person
from sync.signing import card_reference, digits_reference, verify
from sync.store import LocalStore
from terminal_app.counter.faces import FaceIdentified
from terminal_app.counter.meals import Meals
from terminal_app.counter.offline import OfflineDesk
from terminal_app.counter.payers import Doubt, Factor, Payer
from terminal_app.counter.presence import CardFresh, CodeFresh

CODE_TOLERANCE_S = 30
"""How far a phone's clock may be from ours; the server allows as much, so both agree."""
LAST_DIGITS = 4
NUMBER_LENGTH_MAX = 40
USED_CODES_MAX = 4096
"""A code is valid for half a minute, so far fewer are ever worth remembering."""
CASH = "cash"
_ANYBODY = (CASH, PAYER_UNKNOWN)
"""References that name nobody: the next one is somebody else."""

_ASSURANCE = {
    ReadAssurance.CARD_UID: Assurance.CARD_UID,
    ReadAssurance.SIGNED_CODE: Assurance.SIGNED_CODE,
    ReadAssurance.FACE_LIVE: Assurance.FACE_LIVE,
    ReadAssurance.CARD_MUTUAL: Assurance.MUTUAL_CARD,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown besides who it is: kept by the counter under the offer until the sale ends."""

    auth_code: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    wallet_code: str = field(default="", repr=False)
    credential_ref: str = ""
    distance: float | None = None
    margin: float | None = None
    cap_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A payer, and what was shown."""

    payer: Payer
    shown: Shown


@dataclass(frozen=True, slots=True)
class Due:
    """What is sold now: a keyed amount, or (None) the posted price of the payer's category."""

    keyed_amount: int | None
    now: float


class Identify:
    """Turns credentials into payers. Raises `Refused` with the code to show instead."""

    def __init__(
        self,
        *,
        store: LocalStore,
        replica: Replica,
        meals: Meals,
        desk: OfflineDesk,
        profile: Profile,
        clock: Clock,
        organisation_id: UUID,
        card_key: Callable[[], bytes],
        code_rules: tuple[CodeRule, ...],
    ) -> None:
        self._store = store
        self._replica = replica
        self._meals = meals
        self._desk = desk
        self._profile = profile
        self._clock = clock
        self._organisation_id = organisation_id
        self._card_key = card_key
        self._code_rules = code_rules
        self._offers = 0
        self._paid: dict[str, float] = {}
        self._soon_s = profile.presence.plus_one_within_ms / 1000
        self._used_codes: dict[tuple[str, str], None] = {}

    # --- credentials ----------------------------------------------------------------------

    def card(self, fresh: CardFresh, due: Due) -> Offer:
        """A card: its person, or an unknown card that only the server may know."""
        key = card_reference(self._card_key(), fresh.uid)
        row = self._replica.card(key)
        _check_card(row)
        person = self._person(row.person_id) if row else None
        read = _ASSURANCE[ReadAssurance(fresh.assurance)]
        # A copied number of a card with keys is worth a number, and keys do not raise a card that
        # was enrolled by its number alone: the server judges the same
        assurance = min(int(read), (row.assurance if row else 0) or int(read))
        payer = self._payer(
            CredentialKind.CARD, f"card:{key}", assurance, person, due, source=fresh.reader
        )
        payer = replace(self._asked_for(payer, person), presented_at=fresh.seen_at)
        return Offer(payer, Shown(credential_ref=key))

    def code(self, fresh: CodeFresh, due: Due) -> Offer:
        """A payment code: ours, verified here, or a channel's."""
        known = recognise(fresh.text, self._code_rules)
        if isinstance(known, UnknownCode):
            raise Refused("codes.unknown")
        if isinstance(known, AmbiguousCode):
            raise Refused("codes.ambiguous")
        if known.kind is CodeKind.WALLET:
            offer = self._wallet_code(known.text, fresh.source, due)
            return replace(offer, payer=replace(offer.payer, presented_at=fresh.seen_at))
        payer = self._payer(
            CredentialKind.CHANNEL_CODE,
            payer_of_code(known.text),
            int(Assurance.SIGNED_CODE),
            None,
            due,
            source=fresh.source,
        )
        payer = replace(payer, tender=Tender.CHANNEL, presented_at=fresh.seen_at)
        return Offer(payer, Shown(auth_code=known.text))

    def face(self, identified: FaceIdentified, due: Due) -> Offer:
        """A face that P4 named."""
        person = self._person(UUID(identified.person))
        if person is None:
            raise Refused("people.not_entitled_here")
        payer = self._payer(
            CredentialKind.FACE,
            f"person:{person.person_id}",
            int(Assurance.FACE_LIVE),
            person,
            due,
        )
        payer = replace(
            payer,
            track_id=identified.track_id,
            presented_at=identified.first_at,
            is_opted_in=person.face_auto,
            doubt=self._doubt(identified, person, payer.due_amount),
            factor=self._factor(person),
        )
        return Offer(payer, Shown(distance=identified.distance, margin=identified.margin))

    def number(self, number: str, pin: str, reason: str, due: Due) -> Offer:
        """By number: their own PIN, or the operator's reason within the day's cap."""
        bare = number.strip()
        if not bare.isalnum() or len(bare) > NUMBER_LENGTH_MAX:
            raise Refused("people.unknown")
        person = self._replica.person_by_number(bare)
        shown = Shown(pin=pin, credential_ref=bare)
        proof = "pin" if pin else ""
        if person is not None and pin and not verify_pin(pin, person.pin_hash):
            raise Refused("pins.wrong")
        if not pin:
            if not reason or not self._profile.attended:
                raise Refused("factors.wrong")
            self._check_by_number(person)
        payer = self._payer(
            CredentialKind.NUMBER, f"number:{bare}", int(Assurance.NUMBER), person, due
        )
        return Offer(replace(payer, proof=proof, override_reason=reason), shown)

    def cash(self, given_amount: int, due: Due) -> Offer:
        """Cash in hand: nobody in particular."""
        payer = self._payer(CredentialKind.NONE, CASH, int(Assurance.NUMBER), None, due)
        given = given_amount or payer.due_amount
        return Offer(replace(payer, tender=Tender.CASH, given_amount=given), Shown())

    def payee(self, due: Due) -> Offer:
        """Whoever scans the code that is shown to them: nobody in particular yet."""
        payer = self._payer(CredentialKind.PAYEE_CODE, PAYER_UNKNOWN, 0, None, due)
        return Offer(replace(payer, tender=Tender.CHANNEL), Shown())

    def is_factor_right(self, payer: Payer, text: str) -> str:
        """Return the kind of the second factor when `text` proves it, "" when it does not.

        Where a near twin has the same factor it proves nothing: only a card or code will do.
        """
        person = self._person(payer.person_id)
        if person is None or not self._proves(payer.factor, person, text):
            return ""
        twins = (self._person(twin) for twin in person.confusable)
        if any(twin and self._proves(payer.factor, twin, text) for twin in twins):
            return ""
        return payer.factor.value

    def note_paid(self, payer: Payer, now: float) -> None:
        """P7 for payers that only the server knows: remember what was shown."""
        if payer.reference in _ANYBODY:
            return
        self._paid[payer.reference] = now
        self._paid = {name: at for name, at in self._paid.items() if now - at <= self._soon_s}

    def note_code_used(self, text: str) -> None:
        """A wallet code backs one sale at this counter."""
        code = wallet_code.parse_code(text)
        self._used_codes[(code.signed_certificate.certificate_id, code.nonce.hex())] = None
        while len(self._used_codes) > USED_CODES_MAX:
            self._used_codes.pop(next(iter(self._used_codes)))

    # --- inside ---------------------------------------------------------------------------

    def _wallet_code(self, text: str, source: str, due: Due) -> Offer:
        verified = wallet_code.verify(
            text,
            issuer_key=self._issuer_key,
            verify=verify,
            now=self._clock.now(),
            tolerance_s=CODE_TOLERANCE_S,
        )
        certificate = verified.certificate
        if certificate.organisation_id != self._organisation_id:
            raise Refused("codes.foreign")
        if (verified.certificate_id, verified.nonce) in self._used_codes:
            raise Refused("codes.replayed")
        person = self._person(certificate.person_id)
        payer = self._payer(
            CredentialKind.WALLET_CODE,
            f"person:{certificate.person_id}",
            int(Assurance.SIGNED_CODE),
            person,
            due,
            source=source,
        )
        shown = Shown(
            wallet_code=text,
            credential_ref=verified.certificate_id,
            cap_amount=certificate.offline_cap_amount,
        )
        return Offer(self._asked_for(payer, person), shown)

    def _payer(
        self,
        credential: CredentialKind,
        reference: str,
        assurance: int,
        person: PersonRow | None,
        due: Due,
        *,
        source: str = "",
    ) -> Payer:
        self._offers += 1
        if person is not None and credential is not CredentialKind.CARD:
            # A card keeps its own name: whether it was lost by then is the server's to know
            reference = f"person:{person.person_id}"
        category = person.category if person else ""
        paid_at, label = self._paid_before(person, reference, due.now)
        amount, second, is_posted = self._price(category, due, has_paid=paid_at is not None)
        return Payer(
            offer=self._offers,
            credential=credential,
            tender=Tender.WALLET,
            reference=reference,
            assurance=assurance,
            due_amount=amount,
            person_id=person.person_id if person else None,
            masked_name=person.masked_name if person else "",
            category=category,
            is_posted=is_posted,
            paid_at=paid_at,
            paid_label=label,
            source=source,
            second_amount=second,
        )

    def _price(self, category: str, due: Due, *, has_paid: bool) -> tuple[int, int | None, bool]:
        if due.keyed_amount is not None:
            return due.keyed_amount, None, True
        price = self._meals.price(category)
        if price is None:
            return 0, None, False
        if has_paid and price.second_amount is not None:
            return price.second_amount, price.second_amount, False
        return price.amount, price.second_amount, True

    def _paid_before(
        self, person: PersonRow | None, reference: str, now: float
    ) -> tuple[float | None, str]:
        """P7: by whatever credential or tender, in this meal, at this counter."""
        if person is None:
            at = self._paid.get(reference)
            return (at, "") if at is not None and now - at <= self._soon_s else (None, "")
        since = self._meals.since() or self._meals.now()
        earlier = sales_of_person(self._store, person.person_id, since)
        kept = [sale for sale in earlier if sale.refunded_amount < sale.amount]
        if not kept:
            return None, ""
        last = kept[-1]
        age_s = (self._meals.now() - last.at).total_seconds()
        return now - max(0.0, age_s), self._meals.label(last.at)

    def _asked_for(self, payer: Payer, person: PersonRow | None) -> Payer:
        """A credential too weak for the amount asks for more before anything is frozen."""
        if person is None or not self._desk.needs_factor(payer, payer.due_amount):
            return payer
        factor = self._factor(person)
        if factor is Factor.CARD and payer.credential is CredentialKind.CARD:
            factor = Factor.PIN if person.pin_hash else Factor.NONE
        return replace(payer, doubt=Doubt.ABOVE_CAP, factor=factor)

    def _doubt(self, identified: FaceIdentified, person: PersonRow, amount: int) -> Doubt:
        if not identified.is_sure:
            return Doubt.LOW_MARGIN
        if person.confusable:
            return Doubt.CONFUSABLE
        if amount > self._profile.face.auto_limit_amount:
            return Doubt.ABOVE_CAP
        return Doubt.NONE if self._profile.attended else Doubt.UNATTENDED

    def _factor(self, person: PersonRow) -> Factor:
        named = person.second_factor or self._profile.people.second_factor_of(person.category)
        factor = Factor(named)
        if factor is Factor.PIN and not person.pin_hash:
            return Factor.CARD
        if factor is Factor.LAST_DIGITS and not (person.digits_hash or person.number):
            return Factor.CARD
        return factor

    def _proves(self, factor: Factor, person: PersonRow, text: str) -> bool:
        if factor is Factor.PIN:
            return bool(person.pin_hash) and verify_pin(text, person.pin_hash)
        if factor is Factor.LAST_DIGITS and person.digits_hash:
            key = self._card_key()
            proof = digits_reference(key, person.person_id, text)
            return hmac.compare_digest(proof.encode(), person.digits_hash.encode())
        if factor is Factor.LAST_DIGITS:
            return len(text) == LAST_DIGITS and person.number.endswith(text)
        return False

    def _check_by_number(self, person: PersonRow | None) -> None:
        if person is None:
            raise Refused("people.unknown")
        today = sales_of_person(self._store, person.person_id, self._meals.day_since())
        used = sum(1 for sale in today if sale.tally == CredentialKind.NUMBER.value)
        if used >= self._profile.caps.by_number_per_day:
            raise Refused("limits.by_number")

    def _person(self, person_id: UUID | None) -> PersonRow | None:
        return self._replica.person(person_id) if person_id else None

    def _issuer_key(self, key_id: str) -> bytes | None:
        # What a retired key signed is good until the certificate's own end, as at the server
        row = self._replica.issuer_key(key_id)
        return row.public_key if row is not None else None


def _check_card(row: CardRow | None) -> None:
    if row is not None and row.state == "lost":
        raise Refused("cards.lost")
    if row is not None and row.state != "active":
        raise Refused("cards.returned")
