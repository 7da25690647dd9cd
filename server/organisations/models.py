"""Organisations, which issue wallets, and their sites."""

from django.db import models


class Organisation(models.Model):
    """The issuer of wallets and controller of its people's data; every row carries its id."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default="CNY")
    zone = models.CharField(max_length=64, default="Asia/Shanghai")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """The stores of one place and the people who may pay there."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=32)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "code"), name="organisations_site_code"
            ),
        )

    def __str__(self) -> str:
        return self.name
