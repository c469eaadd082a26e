import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.operations import AlterModelOptions

from tenants.control.database import ALIAS, APPS, Control, open_control
from tenants.control.failures import DatabaseBroken, DatabaseNewer
from tenants.control.migrating import migrate
from tenants.control.models.plugin import PluginChoice
from tenants.control.models.tenant import Tenant
from tenants.control.postgresql import PostgresClient
from tenants.control.sqlite import ImmediateClient
from tests.support.processes import Processes

ALL = ("0001_initial", "0002_guards", "0003_first_plan", "0004_house", "0005_accounts", "0006_jobs_events")


async def schema_of(connection: BaseDBAsyncClient) -> list[str]:
    """Everything that a database is made of, in its own words."""
    if connection.capabilities.dialect == "sqlite":
        rows = await connection.execute_query_dict("SELECT coalesce(sql, name) AS said FROM sqlite_master ORDER BY 1")
    else:
        rows = await connection.execute_query_dict(
            "SELECT indexdef AS said FROM pg_indexes WHERE schemaname = 'public'"
            " UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace"
            " UNION ALL SELECT table_name || ' ' || column_name || ' ' || data_type || is_nullable"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        )
    return [" ".join(row["said"].split()) for row in rows]


def raw_client(url: str) -> BaseDBAsyncClient:
    """A connection that looks at a database as it is."""
    if url.startswith("sqlite://"):
        return ImmediateClient(url.removeprefix("sqlite://"), connection_name="raw")
    return PostgresClient(url, connection_name="raw")


async def test_models_and_migrations_agree(control: Control) -> None:
    assert control.context.apps is not None
    found = [
        operation
        for writer in await MigrationAutodetector(control.context.apps, dict(APPS)).changes()
        for operation in writer.operations
        if not isinstance(operation, AlterModelOptions)  # a table's description is its class's first line
    ]
    assert found == []


async def test_a_database_has_every_index_unique_rule_and_check_of_the_models(control: Control) -> None:
    assert control.context.apps is not None
    said = "\n".join(await schema_of(control.connection))
    for model in control.context.apps[ALIAS].values():
        meta = model._meta
        for group in meta.unique_together:
            names = '"?, "?'.join(meta.fields_map[name].source_field or name for name in group)
            assert re.search(rf'UNIQUE INDEX .*{meta.db_table}"? .*\("?{names}"?\)', said), (meta.db_table, group)
        for index in meta.indexes:
            assert not isinstance(index, str)
            names = '"?, "?'.join(index)
            assert re.search(rf'INDEX .*{meta.db_table}"? .*\("?{names}"?\)', said), (meta.db_table, index)
        for name, field in meta.fields_map.items():
            if field.unique and not field.pk:
                column = field.source_field or name
                unique = rf'{meta.db_table}.*("{column}" [A-Z0-9()]+ (NOT NULL )?UNIQUE|UNIQUE \({column}\))'
                assert re.search(unique, said), (meta.db_table, name)
        rows = await control.connection.execute_query_dict(
            f"SELECT sql AS said FROM sqlite_master WHERE name = '{meta.db_table}'"
            if control.connection.capabilities.dialect == "sqlite"
            else f"SELECT conname AS said FROM pg_constraint WHERE conrelid = '{meta.db_table}'::regclass"
        )
        of_table = "\n".join(row["said"] for row in rows)
        for constraint in meta.constraints:
            assert isinstance(constraint, CheckConstraint)
            assert constraint.name in of_table


async def test_a_new_database_is_migrated_once(empty_url: str) -> None:
    async with open_control(empty_url) as control:
        assert control.migrated == ALL
        before = await schema_of(control.connection)
    async with open_control(empty_url) as control:
        assert control.migrated == ()
        assert await schema_of(control.connection) == before


async def test_of_two_processes_that_open_a_new_database_one_migrates_it(
    empty_url: str, two_processes: Processes
) -> None:
    assert sorted(two_processes.open(empty_url)) == [(), ALL]
    async with open_control(empty_url) as control:
        assert control.migrated == ()
        rows = await control.connection.execute_query_dict("SELECT name FROM tortoise_migrations ORDER BY id")
        assert tuple(row["name"] for row in rows) == ALL


async def test_a_database_newer_than_the_code_is_refused_and_left_as_it_is(control_url: str) -> None:
    async with open_control(control_url) as control:
        await control.connection.execute_script(
            "INSERT INTO tortoise_migrations (app, name, applied_at)"
            " VALUES ('control', '0999_future', '2030-01-01 00:00:00+00:00')"
        )
        before = await schema_of(control.connection)
    with pytest.raises(DatabaseNewer) as caught:
        async with open_control(control_url):
            pass
    assert (caught.value.unknown, caught.value.code, caught.value.status) == (("0999_future",), "database_newer", 503)
    client = raw_client(control_url)
    await client.create_connection(with_db=True)
    try:
        assert await schema_of(client) == before
    finally:
        await client.close()


@pytest.fixture
def next_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a migration that follows all others, to be written."""
    package = tmp_path / "coming"
    package.mkdir()
    (package / "__init__.py").touch()
    own = Path(sys.modules["tenants.control.migrations"].__path__[0])
    for file in own.glob("0*.py"):
        (package / file.name).write_text(file.read_text())
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package / "0004_next.py"
    for name in [name for name in sys.modules if name.partition(".")[0] == "coming"]:
        del sys.modules[name]


_HEADER = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

async def fail(apps, editor):
    raise KeyError("half way")

async def dangle(apps, editor):
    await editor.client.execute_script("DELETE FROM tenants")

class Migration(migrations.Migration):
    dependencies = [("control", "0006_jobs_events")]
"""


def write(file: Path, *operations: str) -> None:
    file.write_text(f"{_HEADER}    operations = [{', '.join(operations)}]\n")
    sys.modules.pop(f"coming.{file.stem}", None)


COMING = {ALIAS: {**APPS[ALIAS], "migrations": "coming"}}


async def test_a_migration_that_fails_half_way_leaves_nothing(control: Control, next_migration: Path) -> None:
    write(
        next_migration, 'ops.RunSQL("CREATE TABLE half (id INT); INSERT INTO half VALUES (1)")', "ops.RunPython(fail)"
    )
    before = await schema_of(control.connection)
    with pytest.raises(KeyError):
        await migrate(ALIAS, COMING)
    assert await schema_of(control.connection) == before
    write(next_migration, 'ops.RunSQL("CREATE TABLE whole (id INT)")')
    assert await migrate(ALIAS, COMING) == ["0004_next"]


async def test_a_table_that_others_refer_to_can_be_made_anew(control: Control, next_migration: Path) -> None:
    tenant = await Tenant.create(slug="a", name="A")
    await PluginChoice.create(tenant=tenant, plugin="p", enabled=True)
    check = "CheckConstraint(check='length(name) > 0', name='named')"
    write(next_migration, f"ops.AddConstraint('Tenant', {check})")
    assert await migrate(ALIAS, COMING) == ["0004_next"]
    assert await Tenant.all().values_list("slug", flat=True) == ["a"]
    with pytest.raises(Exception, match="named"):
        await Tenant.create(slug="b", name="")
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await control.connection.execute_script("DELETE FROM tenants")


async def test_a_migration_that_leaves_rows_without_what_they_refer_to_is_undone(
    sqlite_template: Path, tmp_path: Path, next_migration: Path
) -> None:
    async with open_control(f"sqlite://{shutil.copy(sqlite_template, tmp_path / 'control.db')}"):
        tenant = await Tenant.create(slug="a", name="A")
        await PluginChoice.create(tenant=tenant, plugin="p", enabled=True)
        write(next_migration, "ops.RunPython(dangle)")
        with pytest.raises(DatabaseBroken, match="plugin_choices"):
            await migrate(ALIAS, COMING)
        assert await Tenant.all().count() == 1
