from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tortoise import fields
from tortoise.context import _current_context
from tortoise.models import Model
from tortoise.transactions import in_transaction

from tenants.control.audit import audited
from tenants.control.database import ALIAS, Control
from tenants.control.models.audit import AuditEntry
from tenants.control.models.plan import Plan
from tenants.control.models.user import User
from tenants.control.sharing import SharingContext


class Note(Model):
    id = fields.IntField(primary_key=True)
    text = fields.CharField(max_length=20)

    class Meta:
        table = "notes"


@contextmanager
def bound(context: SharingContext) -> Iterator[None]:
    """Bind a context to the test, as a scope does."""
    token = _current_context.set(context)
    try:
        yield
    finally:
        _current_context.reset(token)


@pytest.fixture
async def beside(control: Control, tmp_path: Path) -> AsyncIterator[SharingContext]:
    """A context of another database, as a vault has one."""
    context = SharingContext(control)
    file = {"engine": "tenants.control.sqlite", "credentials": {"file_path": str(tmp_path / "other.db")}}
    apps = {"other": {"models": [__name__], "default_connection": "other"}}
    with bound(context):
        await context.init(config={"connections": {"other": file}, "apps": apps})
    await context.connections.get("other").execute_script("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
    yield context
    await context.close_connections()


async def test_both_databases_are_seen_and_each_row_goes_where_it_belongs(beside: SharingContext) -> None:
    with bound(beside):
        await Note.create(text="mine")
        await User.create(email="a@b", name="A")
        assert (await Note.all().count(), await User.all().count()) == (1, 1)
    assert await User.all().count() == 1


async def test_a_transaction_goes_on_within_the_other_context(beside: SharingContext) -> None:
    async def interrupted() -> None:
        async with in_transaction(ALIAS):
            await User.create(email="a@b", name="A")
            with bound(beside):
                assert await User.all().count() == 1
                await User.create(email="c@d", name="C")
                await Note.create(text="stays")
            raise KeyError

    with pytest.raises(KeyError):
        await interrupted()
    with bound(beside):
        assert (await Note.all().count(), await User.all().count()) == (1, 0)


async def test_a_transaction_can_be_begun_within_and_ends_there(beside: SharingContext) -> None:
    with bound(beside):
        async with audited("user:1", "x", "y"), in_transaction("other"):
            await Plan.filter(slug="standard").update(name="Other")
            await Note.create(text="both")
        assert await Note.all().count() == 1
    assert (await Plan.get()).name == "Other"
    assert await AuditEntry.all().count() == 1


async def test_closing_the_other_context_leaves_the_control_plane_open(beside: SharingContext) -> None:
    await beside.close_connections()
    await User.create(email="a@b", name="A")
    assert await User.all().count() == 1
