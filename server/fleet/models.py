"""Terminals: what binds them, the keys they sign with, and what they hold.

Rules
- A terminal has one binding at a time (merchant, store, profile), numbered from 1. A record names
  the binding version it was made under and is booked to that one, if this terminal ever held it.
- A key is active, retired (replaced) or revoked, with dates. Old records verify for ever, so a key
  row is never deleted, only ended.
- An activation code is short, used once, expires, and is kept as a keyed hash.
- A policy version is never changed: a fact is judged by the version its terminal held.
- Secrets (data keys, private issuer keys) are kept sealed by the server's own secret.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TerminalState(models.TextChoices):
    """Where a terminal stands; only an active one may sell."""

    NEW = "new", _("not activated")
    ACTIVE = "active", _("active")
    RETIRED = "retired", _("retired")
    REVOKED = "revoked", _("revoked")


class KeyState(models.TextChoices):
    """Where a terminal key stands."""

    ACTIVE = "active", _("active")
    RETIRED = "retired", _("retired")
    REVOKED = "revoked", _("revoked")


class Terminal(models.Model):
    """One counter device, and what it last reported of itself."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("name"), max_length=64)
    merchant = models.ForeignKey(
        "merchants.Merchant", on_delete=models.PROTECT, related_name="+", editable=False
    )
    store = models.ForeignKey("merchants.Store", on_delete=models.PROTECT, related_name="+")
    profile = models.CharField(_("profile"), max_length=32, default="canteen")
    state = models.CharField(
        _("state"), max_length=16, choices=TerminalState, default=TerminalState.NEW
    )
    binding_version = models.IntegerField(default=0, editable=False)
    serial = models.CharField(_("serial number"), max_length=64, blank=True, default="")
    software = models.CharField(max_length=64, blank=True, default="", editable=False)
    registered_at = models.DateTimeField(_("registered"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    # What the last heartbeat said; the inbox has the heads it received itself
    last_seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    journal = models.UUIDField(null=True, editable=False)
    head_sequence = models.BigIntegerField(default=0, editable=False)
    head_hash = models.BinaryField(default=b"", editable=False)
    acknowledged_sequence = models.BigIntegerField(default=0, editable=False)
    waiting_count = models.BigIntegerField(_("records waiting"), default=0, editable=False)
    waiting_amount = models.BigIntegerField(_("amount waiting"), default=0, editable=False)
    epoch = models.CharField(max_length=64, blank=True, default="", editable=False)
    cursor = models.BigIntegerField(default=0, editable=False)
    shift = models.UUIDField(null=True, editable=False)
    clock_offset_ms = models.BigIntegerField(_("clock offset (ms)"), default=0, editable=False)
    devices = models.JSONField(_("devices"), default=list, editable=False)

    class Meta:
        verbose_name = _("terminal")
        verbose_name_plural = _("terminals")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "store", "name"), name="fleet_terminal_name"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=TerminalState.values), name="fleet_terminal_state"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Registration(models.Model):
    """What an acquirer must know of a device: serial number, its own code, the merchant, the
    account the merchant is settled to, and where the device stands (PBoC 2021 No. 259).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="registrations")
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    serial = models.CharField(_("serial number"), max_length=32)
    acquirer = models.CharField(_("acquirer's code"), max_length=20)
    account = models.CharField(_("settlement account"), max_length=40)
    location = models.CharField(_("location"), max_length=200)
    registered_at = models.DateTimeField(_("registered"))
    registered_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(_("to"), null=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "serial"), condition=models.Q(ended_at__isnull=True),
                name="fleet_registration_serial",
            ),
            models.UniqueConstraint(
                fields=("organisation", "terminal"), condition=models.Q(ended_at__isnull=True),
                name="fleet_registration_one_open",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.serial


class Binding(models.Model):
    """What a terminal was bound to, from and to; the open one is the present one."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="bindings")
    version = models.IntegerField(_("version"))
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey("merchants.Store", on_delete=models.PROTECT, related_name="+")
    profile = models.CharField(_("profile"), max_length=32)
    from_at = models.DateTimeField(_("from"))
    to_at = models.DateTimeField(_("to"), null=True)

    class Meta:
        verbose_name = _("binding")
        verbose_name_plural = _("bindings")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "terminal", "version"), name="fleet_binding_version"
            ),
            models.UniqueConstraint(
                fields=("organisation", "terminal"),
                condition=models.Q(to_at__isnull=True),
                name="fleet_binding_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.terminal} v{self.version}"


class ActivationCode(models.Model):
    """A code that binds one device, once; kept as an HMAC under the server secret."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="codes")
    code_hash = models.BinaryField(editable=False, max_length=32)
    is_forced = models.BooleanField(_("even with records waiting"), default=False)
    created_at = models.DateTimeField(_("created"))
    created_by = models.CharField(_("created by"), max_length=150, blank=True, default="")
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        verbose_name = _("activation code")
        verbose_name_plural = _("activation codes")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "code_hash"), name="fleet_code_hash"),
        )
        indexes = (models.Index(fields=("code_hash",), name="fleet_code_lookup"),)

    def __str__(self) -> str:
        return f"{self.terminal} · {self.created_at:%Y-%m-%d %H:%M}"


class TerminalKey(models.Model):
    """An Ed25519 public key of a terminal; `key_id` is the head of its SHA-256."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=32)
    public_key = models.BinaryField(max_length=32, editable=False)
    state = models.CharField(max_length=16, choices=KeyState, default=KeyState.ACTIVE)
    active_from = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("terminal key")
        verbose_name_plural = _("terminal keys")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "terminal", "key_id"), name="fleet_key_id"
            ),
            models.UniqueConstraint(
                fields=("organisation", "terminal"),
                condition=models.Q(state="active"),
                name="fleet_key_one_active",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=KeyState.values), name="fleet_key_state"
            ),
        )

    def __str__(self) -> str:
        return self.key_id


class DataKey(models.Model):
    """The key that seals templates on one terminal's disk, itself sealed; leased (MONEY §6)."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="data_keys")
    key_id = models.CharField(max_length=32)
    sealed = models.BinaryField(editable=False)
    created_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "terminal", "key_id"), name="fleet_data_key_id"
            ),
            models.UniqueConstraint(
                fields=("organisation", "terminal"),
                condition=models.Q(ended_at__isnull=True),
                name="fleet_data_key_one_open",
            ),
        )

    def __str__(self) -> str:
        return self.key_id


class IssuerKey(models.Model):
    """An Ed25519 key that signs wallet-code certificates; the private half is sealed."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    key_id = models.CharField(max_length=32)
    public_key = models.BinaryField(max_length=32, editable=False)
    sealed_private_key = models.BinaryField(editable=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("issuer key")
        verbose_name_plural = _("issuer keys")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "key_id"), name="fleet_issuer_key_id"),
        )

    def __str__(self) -> str:
        return self.key_id


class PolicyVersion(models.Model):
    """One version of the offline policy; `body` is an `OfflinePolicy` as JSON."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    version = models.IntegerField(_("version"))
    body = models.JSONField(_("caps"))
    created_at = models.DateTimeField(_("created"))
    created_by = models.CharField(_("created by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("offline policy")
        verbose_name_plural = _("offline policies")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "version"), name="fleet_policy_version"
            ),
        )

    def __str__(self) -> str:
        return f"v{self.version}"
