"""Waymarks, from which the feed's horizon moves; tombstones are found by number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feed", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Waymark",
            fields=[
                ("passed_at", models.DateTimeField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="marker",
            index=models.Index(
                condition=models.Q(("tombstone", True)),
                fields=["number"],
                name="feed_marker_gone",
            ),
        ),
    ]
