"""Consents and face templates, apart from everything else.

Rules (COUNTER §4, MONEY §6)
- No template without a live consent: given, not expired, not withdrawn, for the site and payment.
- Under 14 a guardian always gives it. The text version and the evidence are kept with it.
- A template is sealed with AES-256-GCM; organisation, person, template version and key id are
  authenticated with it, so that a row swapped for another does not open.
- Withdrawing deletes the template and leaves a row that lists which terminals have yet to confirm.
- `person` is an id of `people`, not a foreign key: the two apps do not know each other.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Giver(models.TextChoices):
    """Who gave the consent."""

    SELF = "self", _("the person")
    GUARDIAN = "guardian", _("a guardian")


class Consent(models.Model):
    """One consent. `scope` is a list of site ids, "payment" and the names of servers told to."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    person = models.UUIDField(_("person"))
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    given_by = models.CharField(_("given by"), max_length=16, choices=Giver, default=Giver.SELF)
    giver_name = models.CharField(_("name of the giver"), max_length=100)
    relation = models.CharField(_("relation"), max_length=32, blank=True, default="")
    is_under_14 = models.BooleanField(_("under 14"), default=False)
    text_version = models.CharField(_("text version"), max_length=32)
    for_payment = models.BooleanField(_("for payment"), default=True)
    servers = models.JSONField(_("may be sent to"), default=list, blank=True)
    keeps_photo = models.BooleanField(_("source photograph may be kept"), default=False)
    evidence = models.CharField(
        _("evidence"), max_length=200,
        help_text=_("Where the signed form or the recorded agreement is."),
    )  # fmt: skip
    given_at = models.DateTimeField(_("given"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "person", "site"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="biometrics_consent_one_live",
            ),
            models.CheckConstraint(
                condition=models.Q(is_under_14=False) | models.Q(given_by="guardian"),
                name="biometrics_consent_guardian",
            ),
            models.CheckConstraint(
                condition=~models.Q(given_by="guardian") | ~models.Q(relation=""),
                name="biometrics_consent_relation",
            ),
        )

    def __str__(self) -> str:
        return f"{self.giver_name} · {self.given_at:%Y-%m-%d}"


class Template(models.Model):
    """One sealed vector (128 float32) of a person at a site; an enrolment has one or more."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    person = models.UUIDField(_("person"))
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="templates")
    version = models.IntegerField(_("version"))
    model = models.CharField(_("model"), max_length=64)
    ordinal = models.SmallIntegerField(_("picture"))
    key_id = models.CharField(max_length=32, editable=False)
    nonce = models.BinaryField(editable=False)
    ciphertext = models.BinaryField(editable=False)
    enrolled_at = models.DateTimeField(_("enrolled"))
    enrolled_by = models.CharField(_("enrolled by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("face template")
        verbose_name_plural = _("face templates")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "person", "site", "version", "ordinal"),
                name="biometrics_template_place",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} v{self.version}"


class Confusable(models.Model):
    """Two people whose faces are nearer than the enrolment distance; `person_a` < `person_b`."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    person_a = models.UUIDField()
    person_b = models.UUIDField()
    distance = models.FloatField(_("distance"))
    found_at = models.DateTimeField(_("found"))

    class Meta:
        verbose_name = _("confusable pair")
        verbose_name_plural = _("confusable pairs")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "site", "person_a", "person_b"),
                name="biometrics_confusable_pair",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_a} ~ {self.person_b}"


class Removal(models.Model):
    """A template that is gone; terminals holding it confirm by a cursor past its tombstone."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    template = models.UUIDField()
    person = models.UUIDField(_("person"))
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(_("why"), max_length=32)
    removed_at = models.DateTimeField(_("removed"))

    class Meta:
        verbose_name = _("removed template")
        verbose_name_plural = _("removed templates")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "template"), name="biometrics_removal_template"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.removed_at:%Y-%m-%d}"
