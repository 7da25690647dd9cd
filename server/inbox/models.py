"""Journals, records with their one disposition, shifts, and the quarantine."""

from django.db import models

DISPOSITIONS = ("applied", "waiting", "parked")
RESOLUTIONS = ("", "retried", "posted_as_new", "written_off")


class Journal(models.Model):
    """One local store's journal at a terminal; `head` is the highest sequence without a gap."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    terminal = models.UUIDField()
    head_sequence = models.BigIntegerField(default=0)
    head_hash = models.BinaryField(default=b"")
    top_sequence = models.BigIntegerField(default=0)
    followed_journal = models.UUIDField(null=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("organisation", "terminal"), name="inbox_journal_terminal"),
        )

    def __str__(self) -> str:
        return f"{self.id} · {self.head_sequence}"


class Record(models.Model):
    """A pushed record as sent, and what became of it. Written once; only its fate changes."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    terminal = models.UUIDField()
    journal = models.UUIDField()
    sequence = models.BigIntegerField()
    place = models.UUIDField()
    previous_hash = models.BinaryField()
    hash = models.BinaryField()
    key_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    body = models.BinaryField()
    signature = models.BinaryField()
    version = models.IntegerField()
    received_at = models.DateTimeField()
    status = models.CharField(max_length=16)
    code = models.CharField(max_length=64, default="", blank=True)
    subject_kind = models.CharField(max_length=16, default="", blank=True)
    subject_id = models.UUIDField(null=True)
    shift = models.UUIDField(null=True)
    resolution = models.CharField(max_length=16, default="", blank=True)
    resolved_by = models.CharField(max_length=150, default="", blank=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "journal", "sequence", "hash"), name="inbox_record_place"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=DISPOSITIONS), name="inbox_record_status"
            ),
            models.CheckConstraint(
                condition=models.Q(resolution__in=RESOLUTIONS), name="inbox_record_resolution"
            ),
        )
        indexes = (
            models.Index(fields=("place",), name="inbox_record_at_place"),
            models.Index(fields=("organisation", "subject_id"), name="inbox_record_subject"),
            models.Index(fields=("organisation", "shift"), name="inbox_record_shift"),
            models.Index(
                fields=("organisation", "status"),
                name="inbox_record_open",
                condition=models.Q(status__in=("waiting", "parked")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.journal}/{self.sequence} {self.kind}"


class Shift(models.Model):
    """One operator's shift at one terminal, from its opening and closing records."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    terminal = models.UUIDField()
    merchant = models.UUIDField()
    operator = models.UUIDField(null=True)
    business_on = models.DateField(null=True)
    meal_period = models.CharField(max_length=32, default="", blank=True)
    float_amount = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    counted_amount = models.BigIntegerField(null=True)
    expected_amount = models.BigIntegerField(null=True)
    tallies = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=("organisation", "terminal"), name="inbox_shift_terminal"),)

    def __str__(self) -> str:
        return f"{self.id} · {self.business_on}"


class Quarantined(models.Model):
    """Bytes that are not authentic or not readable; the newest per terminal are kept."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    terminal = models.UUIDField()
    code = models.CharField(max_length=64)
    data = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(
                fields=("organisation", "terminal", "received_at"), name="inbox_quarantine"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} · {self.received_at:%Y-%m-%d %H:%M}"
