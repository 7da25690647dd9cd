"""How old work is and what it passes through: the worker's lanes go by them."""

from typing import Any

from django.db import migrations, models


def take_first_due(apps: Any, schema_editor: Any) -> None:
    """What waits already is as old as its first due time."""
    due = apps.get_model("work", "Due")
    due.objects.update(since=models.F("first_due_at"))


class Migration(migrations.Migration):
    dependencies = [("work", "0001_initial")]

    operations = [
        migrations.AddField("due", "since", models.DateTimeField(null=True)),
        migrations.RunPython(take_first_due, migrations.RunPython.noop),
        migrations.AlterField("due", "since", models.DateTimeField()),
        migrations.AddField("due", "gate", models.CharField(max_length=48, default="", blank=True)),
        migrations.AddIndex("due", models.Index(fields=["since"], name="work_due_since")),
    ]
