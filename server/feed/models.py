"""The feed: one marker per (scope, kind, entity), numbered after its commit by one sequencer.

Rules (MONEY §3)
- A change upserts its marker without a number, in the transaction that makes the change.
- Only the sequencer numbers, and only committed markers: so a number never appears below one
  already handed out, and an idle transaction can hide nothing.
- A marker has no body: bodies are rendered when pulled, so a page is never older than its rows.
"""

from django.db import models
from django.db.models import Q


class Marker(models.Model):
    """`number` null: changed, not yet numbered. A tombstone says that the entity is gone."""

    pk = models.CompositePrimaryKey("organisation", "scope", "kind", "entity")
    organisation = models.UUIDField()
    scope = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    entity = models.CharField(max_length=64)
    number = models.BigIntegerField(null=True)
    tombstone = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("number",), name="feed_marker_unnumbered", condition=Q(number__isnull=True)
            ),
            models.Index(
                fields=("organisation", "scope", "number"),
                name="feed_marker_number",
                condition=Q(number__isnull=False),
            ),
            models.Index(fields=("number",), name="feed_marker_gone", condition=Q(tombstone=True)),
        )


class Sequence(models.Model):
    """The one row of the feed's own state.

    `epoch` names this run of numbers: it changes when a backup is restored or the feed rebuilt.
    Cursors below `horizon` must rebuild, since tombstones up to it are gone.
    """

    id = models.IntegerField(primary_key=True)
    epoch = models.CharField(max_length=36)
    last_number = models.BigIntegerField(default=0)
    horizon = models.BigIntegerField(default=0)
    stepped_at = models.DateTimeField(null=True)


class Waymark(models.Model):
    """Which number was the feed's last one at an instant: a horizon to be."""

    passed_at = models.DateTimeField(primary_key=True)
    number = models.BigIntegerField()
