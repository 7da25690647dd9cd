"""What was done stays written: triggers refuse every change of the log."""

from django.db import migrations

TABLE = "console_auditentry"
FUNCTION = """
CREATE OR REPLACE FUNCTION console_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % refused', TG_OP, TG_TABLE_NAME;
END $$
"""


def make(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    if is_postgres:
        # Without parameters, or its own "%" would be taken for places of some
        schema_editor.execute(FUNCTION, params=None)
    for event in ("UPDATE", "DELETE", "TRUNCATE") if is_postgres else ("UPDATE", "DELETE"):
        name = f"{TABLE}_refuse_{event.lower()}"
        then = (
            "FOR EACH STATEMENT EXECUTE FUNCTION console_refuse_change()"
            if is_postgres
            else f"BEGIN SELECT RAISE(ABORT, 'the log is append-only: {event} refused'); END"
        )
        schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} {then}")


class Migration(migrations.Migration):
    dependencies = [("console", "0001_initial")]
    operations = [migrations.RunPython(make, elidable=False)]
