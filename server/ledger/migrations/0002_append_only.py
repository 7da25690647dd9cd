"""Facts stay as written: triggers refuse what a mistaken query would change.

Accounts and counters are updated in place all day: on PostgreSQL their pages keep room, so that
a new version of a row stays on its page and no index has to follow it.
"""

from django.db import migrations

from server.ledger.triggers import create_triggers


def make(apps, schema_editor):
    create_triggers(schema_editor.connection)
    if schema_editor.connection.vendor == "postgresql":
        for table in ("ledger_account", "ledger_counter"):
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(make, elidable=False)]
