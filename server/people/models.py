"""People, their categories, where they may eat, and their cards.

Rules
- `Person.version` grows with every change that matters to paying; a reader under the lock compares.
- Cards are found by `card_key`, an HMAC of the UID under the organisation's card key: no UID is
  ever stored.
- A lost card keeps its row and its instant: a sale signed after `lost_at` is disputed (MONEY §2).
- People freeze and leave; they are not deleted while the books name them.
- Whatever changes many people at once is a `BulkChange`: tried, confirmed, worked off in chunks.
- What happened to a card is never overwritten: each binding, loss and return is a `CardEvent`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonState(models.TextChoices):
    """Whether a person may pay; as `domain.authorization.PersonState`."""

    ACTIVE = "active", _("active")
    FROZEN = "frozen", _("frozen")
    LEFT = "left", _("left")


class CardState(models.TextChoices):
    """Where a card stands."""

    ACTIVE = "active", _("active")
    LOST = "lost", _("lost")
    RETURNED = "returned", _("returned")


class SecondFactor(models.TextChoices):
    """What is asked when a face or an amount is not enough (COUNTER §4)."""

    NONE = "", _("none")
    PIN = "pin", _("own PIN")
    LAST_DIGITS = "last_digits", _("last digits of the number")
    CARD = "card", _("card")


class WhenShort(models.TextChoices):
    """What happens when the wallets do not reach; as `domain.authorization.Shortfall`."""

    DECLINE = "decline", _("decline")
    OVERDRAW = "overdraw", _("overdraw to the debt limit")
    ON_ACCOUNT = "on_account", _("meal on account, nobody is refused")


class Category(models.Model):
    """A kind of person (student, staff, guest): decides price, second factor and shortfall."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(_("code"), max_length=32)
    name_zh = models.CharField(_("name (Chinese)"), max_length=64)
    name_en = models.CharField(_("name (English)"), max_length=64)
    second_factor = models.CharField(
        _("second factor"), max_length=16, choices=SecondFactor, blank=True,
        default=SecondFactor.PIN,
    )  # fmt: skip
    shortfall = models.CharField(
        _("when short"), max_length=16, choices=WhenShort, default=WhenShort.DECLINE
    )
    debt_limit_amount = models.BigIntegerField(_("debt limit (fen)"), default=0)
    show_balance = models.BooleanField(_("may show the balance"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "code"), name="people_category_code"),
            models.CheckConstraint(
                condition=models.Q(debt_limit_amount__gte=0), name="people_category_debt_limit"
            ),
        )

    def __str__(self) -> str:
        return self.name_zh


class Person(models.Model):
    """Somebody who may eat here. `number` is the student or staff number."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    number = models.CharField(_("number"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="people")
    state = models.CharField(
        _("state"), max_length=16, choices=PersonState, default=PersonState.ACTIVE, editable=False
    )
    frozen_at = models.DateTimeField(_("frozen"), null=True, editable=False)
    left_at = models.DateTimeField(_("left"), null=True, editable=False)
    pin_hash = models.CharField(max_length=200, blank=True, default="", editable=False)
    digits_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    face_auto = models.BooleanField(
        _("pays by face without confirming"), default=False,
        help_text=_("The person's own choice; needs a consent with a face template."),
    )  # fmt: skip
    allergies = models.CharField(_("allergies"), max_length=200, blank=True, default="")
    department = models.CharField(_("class or department"), max_length=64, blank=True, default="")
    leaves_on = models.DateField(_("last day here"), null=True, blank=True, editable=False)
    version = models.BigIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "number"), name="people_person_number"),
            models.CheckConstraint(
                condition=models.Q(state__in=PersonState.values), name="people_person_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="frozen") | models.Q(frozen_at__isnull=False),
                name="people_person_frozen_at",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "department"), name="people_person_department"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Membership(models.Model):
    """A person may eat at a site."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("site membership")
        verbose_name_plural = _("site memberships")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "person", "site"), name="people_membership_once"
            ),
        )
        indexes = (models.Index(fields=("organisation", "site"), name="people_membership_site"),)

    def __str__(self) -> str:
        return f"{self.person} @ {self.site}"


class Card(models.Model):
    """A card bound to a person; `assurance` is `domain.offline_policy.Assurance` as an int."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    card_key = models.CharField(max_length=64, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cards")
    label = models.CharField(_("printed number"), max_length=32, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=16, choices=CardState, default=CardState.ACTIVE, editable=False
    )
    assurance = models.SmallIntegerField(default=2, editable=False)
    bound_at = models.DateTimeField(_("bound"), editable=False)
    lost_at = models.DateTimeField(_("lost"), null=True, editable=False)
    returned_at = models.DateTimeField(_("returned"), null=True, editable=False)

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "card_key"), name="people_card_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=CardState.values), name="people_card_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="lost") | models.Q(lost_at__isnull=False),
                name="people_card_lost_at",
            ),
        )

    def __str__(self) -> str:
        return self.label or self.card_key[:8]


class CardEventKind(models.TextChoices):
    """What may happen to a card."""

    BOUND = "bound", _("given out")
    UNBOUND = "unbound", _("binding taken back")
    LOST = "lost", _("lost")
    FOUND = "found", _("found again")
    RETURNED = "returned", _("returned")


class CardEvent(models.Model):
    """What happened to a card, with whom, when and by whom; written, never changed.

    `place` is its place in the card's history, from 0.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="events")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="card_events")
    place = models.IntegerField(default=0)
    kind = models.CharField(_("what"), max_length=16, choices=CardEventKind)
    at = models.DateTimeField(_("when"))
    by = models.CharField(_("by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("card event")
        verbose_name_plural = _("card events")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=CardEventKind.values), name="people_cardevent_kind"
            ),
            models.UniqueConstraint(
                fields=("organisation", "card", "place"), name="people_cardevent_place"
            ),
        )
        indexes = (models.Index(fields=("organisation", "card", "at"), name="people_cardevent_at"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class ChangeState(models.TextChoices):
    """How far a bulk change is."""

    PLANNED = "planned", _("tried, not confirmed")
    CONFIRMED = "confirmed", _("being worked off")
    DONE = "done", _("done")


class BulkChange(models.Model):
    """One change of many people: what a trial run found, who confirmed it, how far it is.

    `items` are the rows to work off, in order, and `done_count` of them are; `errors` keeps
    anything from being confirmed. `tally` counts what a trial run would do, `outcome` what
    was done; both map a word (added, changed, unchanged, skipped…) to a count.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=ChangeState, default=ChangeState.PLANNED)
    settings = models.JSONField(default=dict)
    items = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    tally = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    total_count = models.IntegerField(default=0)
    done_count = models.IntegerField(default=0)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=150, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=150, blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=ChangeState.values), name="people_bulkchange_state"
            ),
            models.CheckConstraint(
                condition=models.Q(done_count__gte=0)
                & models.Q(done_count__lte=models.F("total_count")),
                name="people_bulkchange_done",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "planned_at"), name="people_bulkchange_planned"),
        )

    def __str__(self) -> str:
        return self.title
