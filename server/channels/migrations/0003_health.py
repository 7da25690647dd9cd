"""What an exchange left open and how long it took; what became of each notice."""

from django.db import migrations, models


def judge(apps, _schema):  # type: ignore[no-untyped-def]
    """Say of the notices on file what is known of them."""
    notice = apps.get_model("channels", "ChannelNotice")
    notice.objects.filter(is_authentic=False).update(verdict="forged")
    notice.objects.filter(is_authentic=True, taken_at__isnull=False).update(verdict="taken")
    exchange = apps.get_model("channels", "ChannelExchange")
    unclear = (
        models.Q(status=0) | models.Q(status__gte=500) | models.Q(outcome__startswith="Unknown")
    )
    exchange.objects.filter(unclear).update(is_unclear=True)


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0002_notes"),
    ]

    operations = [
        migrations.AddField(
            model_name="channelexchange",
            name="is_alert",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="channelexchange",
            name="is_unclear",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="channelexchange",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="channelexchange",
            name="seen_by",
            field=models.CharField(blank=True, default="", max_length=150),
        ),
        migrations.AddField(
            model_name="channelexchange",
            name="took_ms",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="channelnotice",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("waiting", "not taken yet"),
                    ("taken", "taken"),
                    ("replayed", "replayed"),
                    ("forged", "forged"),
                    ("wrong_amount", "wrong amount"),
                    ("unknown_order", "unknown order"),
                ],
                default="waiting",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="channelexchange",
            index=models.Index(
                fields=["organisation", "channel", "at"], name="channels_exchange_channel"
            ),
        ),
        migrations.AddIndex(
            model_name="channelexchange",
            index=models.Index(
                condition=models.Q(("is_alert", True), ("seen_at", None)),
                fields=["organisation", "channel"],
                name="channels_exchange_alert",
            ),
        ),
        migrations.AddConstraint(
            model_name="channelnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "verdict__in",
                        ["waiting", "taken", "replayed", "forged", "wrong_amount", "unknown_order"],
                    )
                ),
                name="channels_notice_verdict",
            ),
        ),
        migrations.RunPython(judge, migrations.RunPython.noop),
    ]
