"""Add a column, and fill it row by row."""

from typing import ClassVar

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from tenants.vault.migrations import MIGRATIONS


async def fill(_apps, editor) -> None:
    """Write to every row; refuse the one that a test has put there to be refused."""
    rows = await editor.client.execute_query_dict('SELECT "name" FROM "settings" ORDER BY "name"')
    for row in rows:
        if row["name"] == "refused":
            await editor.client.execute_query('INSERT INTO "settings" SELECT * FROM "settings"')
        await editor.client.execute_query(
            'UPDATE "settings" SET "note" = ? WHERE "name" = ?', [row["name"], row["name"]]
        )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("vault", MIGRATIONS[-1])]
    operations: ClassVar = [
        ops.AddField(model_name="Setting", name="note", field=fields.CharField(max_length=100, db_default="")),
        ops.RunPython(fill),
    ]
