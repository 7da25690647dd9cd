"""Consents and face templates, apart from everything else.

Rules (COUNTER §4, MONEY §6)
- No template without a live consent: given, not expired, not withdrawn, for the site and payment.
- Under 14 a guardian always gives it. The text version and the evidence are kept with it.
- A template is sealed with AES-256-GCM; organisation, person, template version and key id are
  authenticated with it, so that a row swapped for another does not open.
- Withdrawing deletes the template and leaves a row that lists which terminals have yet to confirm.
- A "no" is kept too, so that nobody is asked again and again.
- Signatures and photographs lie sealed like templates; a photograph goes with its consent.
- `person` is an id of `people`, not a foreign key: the two apps do not know each other.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Giver(models.TextChoices):
    """Who gave the consent."""

    SELF = "self", _("the person")
    GUARDIAN = "guardian", _("a guardian")


class EvidenceKind(models.TextChoices):
    """What proves a consent."""

    PAPER = "paper", _("signed on paper")
    SIGNATURE = "signature", _("signed on the screen")
    CODE = "code", _("a guardian's code")


class Twin(models.TextChoices):
    """What was answered when asked for a twin or sibling at the site."""

    NOT_ASKED = "", _("not asked")
    NO = "no", _("no twin or sibling here")
    YES = "yes", _("a twin or sibling here")


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
    evidence_kind = models.CharField(
        _("kind of evidence"), max_length=16, choices=EvidenceKind, default=EvidenceKind.PAPER
    )
    language = models.CharField(_("language of the text"), max_length=8, default="zh")
    text_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    twin = models.CharField(
        _("twin or sibling"), max_length=8, choices=Twin, blank=True, default=Twin.NOT_ASKED
    )
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")
    given_at = models.DateTimeField(_("given"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    ended_by = models.CharField(_("ended by"), max_length=150, blank=True, default="")

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
    was_turned = models.BooleanField(_("head turned when asked"), default=False)
    source_mac = models.CharField(max_length=64, blank=True, default="", editable=False)

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
    """Two people whose faces are near, by measure or by their own word; `person_a` < `person_b`.

    `distance` is null while only their word says so (a twin who is not enrolled yet).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    person_a = models.UUIDField()
    person_b = models.UUIDField()
    distance = models.FloatField(_("distance"), null=True)
    found_at = models.DateTimeField(_("found"))
    declared_at = models.DateTimeField(_("said by themselves"), null=True)

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


class Holding(models.Model):
    """A counter that held a removed template, until it has confirmed that it is gone.

    `how`: waiting; confirmed (it read past the tombstone); lease_ended (it was not heard again,
    and the key that opens what it holds has run out).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    removal = models.ForeignKey(Removal, on_delete=models.PROTECT, related_name="holdings")
    terminal = models.UUIDField()
    terminal_name = models.CharField(_("counter"), max_length=64)
    since = models.DateTimeField(_("since"))
    how = models.CharField(max_length=16, default="waiting")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)

    class Meta:
        verbose_name = _("counter to confirm")
        verbose_name_plural = _("counters to confirm")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "removal", "terminal"), name="biometrics_holding_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.terminal_name}: {self.how}"


class Refusal(models.Model):
    """Asked, and the answer was no; a consent given later replaces it."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    person = models.UUIDField(_("person"))
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    said_by = models.CharField(_("said by"), max_length=16, choices=Giver, default=Giver.SELF)
    said_at = models.DateTimeField(_("said"))
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "person", "site"), name="biometrics_refusal_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.said_at:%Y-%m-%d}"


class Notice(models.Model):
    """What stands in the blanks of the consent text, and how long a consent lasts.

    Nobody is asked for a consent before somebody can be reached about it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    contact = models.CharField(
        _("contact"), max_length=200,
        help_text=_("Whom to ask, and how: it stands on the consent text and the notice sign."),
    )  # fmt: skip
    servers = models.CharField(
        _("servers"), max_length=200,
        help_text=_("Who runs the server that keeps the templates, and where it stands."),
    )  # fmt: skip
    valid_days = models.PositiveIntegerField(
        _("consents last (days)"), null=True, blank=True,
        help_text=_("Empty: until it is withdrawn or the person leaves."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("face notice")
        verbose_name_plural = _("face notices")
        constraints = (
            models.UniqueConstraint(fields=("organisation",), name="biometrics_notice_one"),
        )

    def __str__(self) -> str:
        return self.contact


class GuardianCode(models.Model):
    """A code handed to a guardian, who agrees by giving it; kept as a keyed hash, used once."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    person = models.UUIDField(_("person"))
    site = models.ForeignKey("organisations.Site", on_delete=models.PROTECT, related_name="+")
    guardian_name = models.CharField(_("guardian"), max_length=100)
    relation = models.CharField(_("relation"), max_length=32)
    text_version = models.CharField(_("text version"), max_length=32)
    code_hash = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("created"))
    created_by = models.CharField(_("created by"), max_length=150, blank=True, default="")
    expires_at = models.DateTimeField(_("expires"))
    wrong_tries = models.SmallIntegerField(_("wrong tries"), default=0)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("guardian's code")
        verbose_name_plural = _("guardians' codes")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "person", "site"),
                condition=models.Q(used_at__isnull=True),
                name="biometrics_guardian_code_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.guardian_name} · {self.created_at:%Y-%m-%d}"


class Attachment(models.Model):
    """A sealed picture that belongs to a consent: the signature, or a source photograph."""

    SIGNATURE, PHOTOGRAPH = "signature", "photograph"

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="attachments")
    kind = models.CharField(_("kind"), max_length=16)
    key_id = models.CharField(max_length=32, editable=False)
    nonce = models.BinaryField(editable=False)
    ciphertext = models.BinaryField(editable=False)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=("signature", "photograph")),
                name="biometrics_attachment_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} · {self.made_at:%Y-%m-%d}"
