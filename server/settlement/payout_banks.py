"""Where payouts go: the bank that pays, declared apart from the other models for length."""

from django.db import models


class PayoutBankSettings(models.Model):
    """The bank of one organisation; `sealed_key` opens only with the server's secrets."""

    id = models.UUIDField(primary_key=True)
    organisation = models.UUIDField()
    host = models.URLField(max_length=200)
    party = models.CharField(max_length=64)
    bank = models.CharField(max_length=64)
    bank_key = models.TextField()
    sealed_key = models.TextField(default="")
    key_set_at = models.DateTimeField(null=True)
    is_enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "settlement"
        constraints = (
            models.UniqueConstraint(fields=("organisation",), name="settlement_bank_once"),
        )

    def __str__(self) -> str:
        return self.bank
