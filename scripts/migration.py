#!/usr/bin/env python3
"""Write the migration that a database's models need: ``scripts/migration.py tenants.control.database:APPS NAME``.

Tortoise finds what changed; a table's description alone (the first line of its class) is no change. What is written is
to be read: on SQLite a table is made anew for a check or a changed column, without its indexes and triggers.
"""

import asyncio
import importlib
import sys

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions
from tortoise.migrations.writer import MigrationWriter


async def main(apps_at, name):
    module, _, attribute = apps_at.partition(":")
    apps = dict(getattr(importlib.import_module(module), attribute))
    nowhere = {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": ":memory:"}}
    connections = {app["default_connection"]: nowhere for app in apps.values()}
    context = TortoiseContext()
    with context:
        await context.init(config={"connections": connections, "apps": apps}, init_connections=False)
        for found in await MigrationAutodetector(context.apps, apps).changes():
            operations = [each for each in found.operations if not isinstance(each, AlterModelOptions)]
            if operations:
                numbered = f"{found.name[:4]}_{name}"
                migration = MigrationWriter(
                    numbered,
                    found.app_label,
                    operations,
                    dependencies=found.dependencies,
                    migrations_module=apps[found.app_label]["migrations"],
                )
                print(migration.write())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
