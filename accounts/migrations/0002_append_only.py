"""Tables that only grow: the database itself refuses to change or delete a row of them.

The model layer could be asked nicely; a trigger also stops raw SQL, a shell, and the next
developer. A mistake is answered by a new row. Add a table to `TABLES` to make it append-only.
"""

from django.db import migrations

TABLES = ["accounts_securityevent", "accounts_supportvisit", "accounts_supportaction"]

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION accounts_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH {each} EXECUTE FUNCTION accounts_append_only()
"""
VERBS = {"sqlite": ["update", "delete"], "postgresql": ["update", "delete", "truncate"]}


def install(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        # No parameters: the percent sign is the function's own.
        schema_editor.execute(POSTGRESQL_FUNCTION, params=None)
    template = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[vendor]
    for table in TABLES:
        for verb in VERBS[vendor]:
            each = "STATEMENT" if verb == "truncate" else "ROW"
            sql = template.format(table=table, verb=verb, VERB=verb.upper(), each=each)
            schema_editor.execute(sql, params=None)


def remove(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    on = " ON {table}" if vendor == "postgresql" else ""
    for table in TABLES:
        for verb in VERBS[vendor]:
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}" + on.format(table=table))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
