"""Staff: their grants and second factors; what they changed; and how the first run stands.

Rules
- A grant is ended, never deleted. A second factor is one per user, its secret sealed at rest.
- A recovery code is kept as a keyed hash and works once.
- `AuditEntry` is append-only: triggers refuse every change, on both engines.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from server.console.roles import StaffRole


class StaffGrant(models.Model):
    """A user has a role in an organisation, at one site of it, or speaks for one merchant of it."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grants"
    )
    role = models.CharField(_("role"), max_length=16, choices=StaffRole)
    site = models.ForeignKey(
        "organisations.Site", on_delete=models.PROTECT, related_name="+", null=True
    )
    merchant = models.ForeignKey(
        "merchants.Merchant", on_delete=models.PROTECT, related_name="+", null=True
    )
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "user", "role", "site"),
                condition=Q(ended_at__isnull=True, site__isnull=False),
                name="console_grant_at_site",
            ),
            models.UniqueConstraint(
                fields=("organisation", "user", "role"),
                condition=Q(ended_at__isnull=True, site__isnull=True, merchant__isnull=True),
                name="console_grant_everywhere",
            ),
            models.UniqueConstraint(
                fields=("organisation", "user", "merchant"),
                condition=Q(ended_at__isnull=True, merchant__isnull=False),
                name="console_grant_of_merchant",
            ),
            models.CheckConstraint(
                condition=Q(role=StaffRole.MERCHANT, merchant__isnull=False, site__isnull=True)
                | ~Q(role=StaffRole.MERCHANT) & Q(merchant__isnull=True),
                name="console_grant_merchant",
            ),
            models.CheckConstraint(
                condition=Q(role__in=StaffRole.values), name="console_grant_role"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"

    @property
    def place(self) -> str:
        """What it reaches, by name."""
        return str(self.merchant or self.site or self.organisation)


class SecondFactor(models.Model):
    """A user's authenticator. `last_step` is the newest 30 s step used: a code works once."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor"
    )
    sealed_secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """One way in when the phone is lost; used once."""

    id = models.UUIDField(primary_key=True, editable=False)
    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.BinaryField()
    used_at = models.DateTimeField(null=True)


class SignInTally(models.Model):
    """Wrong tries of one kind (`key` is a keyed hash), and until when no other is looked at."""

    key = models.CharField(primary_key=True, max_length=64)
    wrong = models.IntegerField(default=0)
    last_wrong_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)


class AuditEntry(models.Model):
    """Who changed what, when, from where: before and after, without secrets or biometrics."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.UUIDField(null=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    roles = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_name = models.CharField(max_length=200, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("organisation", "-at"), name="console_audit_newest"),
            models.Index(fields=("subject_id", "-at"), name="console_audit_subject"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.subject_name}"


class FirstRun(models.Model):
    """The one set-up of a new installation: its link, who claimed it, and how far it came."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    token_hash = models.BinaryField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claim_hash = models.BinaryField(default=b"")
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+", null=True
    )
    store = models.UUIDField(null=True)
    terminal = models.UUIDField(null=True)
    skipped = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="console_first_run_one"),)
