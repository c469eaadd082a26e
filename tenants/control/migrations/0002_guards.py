"""What the ORM can't say: the audit's entries are for good and in a row, one default plan, one active key a tenant.

Who changes a table on SQLite makes it anew: what hangs on it goes with the old one and is to be made again.
"""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

_UNIQUE = """
CREATE UNIQUE INDEX "plans_one_default" ON "plans" ("is_default") WHERE "is_default";
CREATE UNIQUE INDEX "tenant_keys_one_active" ON "tenant_keys" ("tenant_id") WHERE "state" = 'active';
"""

_FIRST_HEAD = """
INSERT INTO "audit_head" ("id", "sequence", "digest")
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
"""

# BEFORE INSERT: an INSERT OR REPLACE deletes without telling the trigger that guards against deleting.
_SQLITE = """
CREATE TRIGGER "audit_entries_in_a_row" BEFORE INSERT ON "audit_entries"
WHEN NEW."sequence" <> (SELECT coalesce(max("sequence"), 0) + 1 FROM "audit_entries")
BEGIN SELECT RAISE(ABORT, 'audit entries follow each other'); END;
CREATE TRIGGER "audit_entries_no_update" BEFORE UPDATE ON "audit_entries"
BEGIN SELECT RAISE(ABORT, 'audit entries are for good'); END;
CREATE TRIGGER "audit_entries_no_delete" BEFORE DELETE ON "audit_entries"
BEGIN SELECT RAISE(ABORT, 'audit entries are for good'); END;
CREATE TRIGGER "audit_head_one" BEFORE INSERT ON "audit_head"
BEGIN SELECT RAISE(ABORT, 'the audit has one head'); END;
CREATE TRIGGER "audit_head_forward" BEFORE UPDATE ON "audit_head"
WHEN NEW."sequence" NOT IN (OLD."sequence", OLD."sequence" + 1)
BEGIN SELECT RAISE(ABORT, 'the head of the audit goes forward'); END;
CREATE TRIGGER "audit_head_no_delete" BEFORE DELETE ON "audit_head"
BEGIN SELECT RAISE(ABORT, 'the audit has one head'); END;
"""

_POSTGRES = """
CREATE FUNCTION "audit_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$;
CREATE FUNCTION "audit_in_a_row"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."sequence" <> (SELECT coalesce(max("sequence"), 0) + 1 FROM "audit_entries") THEN
        RAISE EXCEPTION 'audit entries follow each other' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "audit_entries_in_a_row" BEFORE INSERT ON "audit_entries"
FOR EACH ROW EXECUTE FUNCTION "audit_in_a_row"();
CREATE TRIGGER "audit_entries_no_change" BEFORE UPDATE OR DELETE ON "audit_entries"
FOR EACH ROW EXECUTE FUNCTION "audit_refuse"('audit entries are for good');
CREATE TRIGGER "audit_entries_no_truncate" BEFORE TRUNCATE ON "audit_entries"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse"('audit entries are for good');
CREATE TRIGGER "audit_head_one" BEFORE INSERT OR DELETE ON "audit_head"
FOR EACH ROW EXECUTE FUNCTION "audit_refuse"('the audit has one head');
CREATE TRIGGER "audit_head_no_truncate" BEFORE TRUNCATE ON "audit_head"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse"('the audit has one head');
CREATE TRIGGER "audit_head_forward" BEFORE UPDATE ON "audit_head"
FOR EACH ROW WHEN (NEW."sequence" NOT IN (OLD."sequence", OLD."sequence" + 1))
EXECUTE FUNCTION "audit_refuse"('the head of the audit goes forward');
"""


async def _guard(_apps: Any, editor: Any) -> None:
    guards = _SQLITE if editor.DIALECT == "sqlite" else _POSTGRES
    await editor.client.execute_script(_UNIQUE + _FIRST_HEAD + guards)


class Migration(migrations.Migration):
    dependencies = [("control", "0001_initial")]
    operations = [ops.RunPython(_guard)]
