"""Guarding: the database itself refuses to write secrets outside of ``secret_write``."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

_GUARD = """
CREATE TRIGGER "{table}_{event}_guarded" BEFORE {event} ON "{table}"
WHEN NOT (SELECT "is_open" FROM "meta"){changed}
BEGIN SELECT RAISE(ABORT, 'secrets are written within secret_write'); END
"""

type Change = Callable[[StateApps, BaseSchemaEditor], Awaitable[None]]


def guarding(secrets: Mapping[str, Sequence[str]]) -> Change:
    """Return the step of a migration that guards columns with secrets, by table.

    Written without counting up the epoch, the next opening would take them for a rollback.
    """

    async def guard(_apps: StateApps, editor: BaseSchemaEditor) -> None:
        for table, columns in secrets.items():
            differs = " OR ".join(
                f'NEW."{name}" IS NOT OLD."{name}"' for name in ("id", "version", "key_version", *columns)
            )
            for event, changed in (("insert", ""), ("delete", ""), ("update", f" AND ({differs})")):
                await editor.client.execute_query(_GUARD.format(table=table, event=event, changed=changed))

    return guard
