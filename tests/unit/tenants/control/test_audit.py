from typing import Any
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.api import InvalidInput
from tenants.control.audit import audited, head, record
from tenants.control.audit_chain import EMPTY
from tenants.control.audit_check import verify
from tenants.control.database import ALIAS, Control, open_control
from tenants.control.failures import AuditBroken
from tenants.control.models.audit import AuditEntry, AuditHead
from tenants.control.models.plan import Plan
from tests.support.amount import amount
from tests.support.processes import Processes


async def test_an_entry_reads_back_as_it_was_said_and_holds_the_digest_of_the_one_before(control: Control) -> None:
    tenant = uuid4()
    first = await record("user:ä", "key.rotate", "tenant:t", tenant, version=2, forced=False, note=None, why="é\n\t'\"")
    second = await record("system", "sweep", "rate")
    rows = await AuditEntry.all().order_by("sequence")
    assert [row.sequence for row in rows] == [1, 2]
    assert (rows[0].actor, rows[0].action, rows[0].target, rows[0].tenant) == (
        "user:ä",
        "key.rotate",
        "tenant:t",
        tenant,
    )
    assert rows[0].details == {"version": 2, "forced": False, "note": None, "why": "é\n\t'\""}
    assert (rows[1].tenant, rows[1].details) == (None, {})
    assert (rows[0].previous, rows[1].previous) == (EMPTY.digest, rows[0].digest)
    assert (rows[0].at, rows[0].digest, rows[1].digest) == (first.at, first.digest, second.digest)
    assert (await verify()).is_intact


async def test_an_empty_audit_is_intact(control: Control) -> None:
    found = await verify()
    assert (found.entries, found.reached, found.findings) == (0, EMPTY, ())
    assert await head() == EMPTY


async def test_a_deed_and_its_entry_are_there_together(control: Control) -> None:
    async with audited("user:1", "plan.create", "plan:x", price=3):
        await Plan.create(slug="x", name="X", price_cents=3)
    assert await Plan.exists(slug="x")
    assert (await AuditEntry.get()).details == {"price": 3}


async def test_a_deed_that_fails_leaves_no_entry(control: Control) -> None:
    async def interrupted() -> None:
        async with audited("user:1", "plan.create", "plan:x"):
            await Plan.create(slug="x", name="X")
            raise KeyError

    with pytest.raises(KeyError):
        await interrupted()
    assert not await Plan.exists(slug="x")
    assert (await AuditEntry.all().count(), await head()) == (0, EMPTY)


async def test_a_deed_whose_entry_can_not_be_written_does_not_happen(control: Control) -> None:
    async with in_transaction(ALIAS) as transaction:
        await transaction.execute_script('ALTER TABLE "audit_entries" RENAME TO "elsewhere";')
    with pytest.raises(AuditBroken):
        async with audited("user:1", "plan.create", "plan:x"):
            await Plan.create(slug="x", name="X")
    assert not await Plan.exists(slug="x")
    assert await head() == EMPTY


async def test_a_deed_whose_entry_is_refused_does_not_happen(control: Control) -> None:
    with pytest.raises(InvalidInput):
        async with audited("user:1", "plan.create", "plan:x", api_key="sk-1"):
            await Plan.create(slug="x", name="X")
    assert not await Plan.exists(slug="x")
    assert (await AuditEntry.all().count(), await head()) == (0, EMPTY)


async def test_details_with_the_name_of_a_secret_are_refused_and_not_said(control: Control) -> None:
    for name in ("password", "api_key", "new_PASSWORD", "token", "recovery_code", "client_secret"):
        with pytest.raises(InvalidInput) as caught:
            await record("user:1", "key.add", "key:1", **{name: "sk-canary"})
        assert "canary" not in str(caught.value)
    assert await AuditEntry.all().count() == 0


async def test_details_that_would_not_read_back_are_refused(control: Control) -> None:
    values: list[Any] = [1.5, b"bytes", ["list"], {"a": 1}, 2**63, "x" * 1001, "nul\0", "half \ud800"]
    for value in values:
        with pytest.raises(InvalidInput):
            await record("user:1", "x", "y", value=value)
    with pytest.raises(InvalidInput):
        await record("user:1", "x", "y", **{f"n{number}": number for number in range(33)})
    assert await AuditEntry.all().count() == 0


async def test_an_entry_without_actor_action_or_target_is_refused(control: Control) -> None:
    for said in (("", "a", "t"), ("u", "", "t"), ("u", "a", ""), ("u" * 201, "a", "t"), ("\0", "a", "t")):
        with pytest.raises(InvalidInput):
            await record(*said)
    assert await AuditEntry.all().count() == 0


async def test_the_database_refuses_to_change_remove_or_insert_entries(control: Control, engine: str) -> None:
    for number in range(3):
        await record("user:1", "x", f"y:{number}")
    before = await AuditEntry.all().order_by("sequence").values()
    copied = "at, actor, tenant, action, target, details, previous, 'd' FROM audit_entries WHERE sequence = 1"
    refused = [
        "UPDATE audit_entries SET actor = 'user:2' WHERE sequence = 2",
        "DELETE FROM audit_entries WHERE sequence = 3",
        "DELETE FROM audit_entries",
        f"INSERT INTO audit_entries SELECT 9, {copied}",
        "INSERT INTO audit_head VALUES (2, 0, '')",
        "UPDATE audit_head SET sequence = 1",
        "UPDATE audit_head SET sequence = 9",
        "DELETE FROM audit_head",
    ]
    if engine == "sqlite":
        refused += [
            f"INSERT OR REPLACE INTO audit_entries SELECT 2, {copied}",
            "REPLACE INTO audit_head VALUES (1, 0, '')",
        ]
    else:
        refused += ["TRUNCATE audit_entries", "TRUNCATE audit_head"]
    for statement in refused:
        with pytest.raises(IntegrityError):
            await control.connection.execute_script(statement)
    assert await AuditEntry.all().order_by("sequence").values() == before
    assert (await AuditHead.get()).sequence == 3
    assert (await verify()).is_intact


async def append(times: int, actor: str) -> None:
    for number in range(times):
        if number % 3:
            await record(actor, "x", f"y:{number}")
        else:
            async with audited(actor, "x", f"y:{number}"):
                await Plan.filter(slug="standard").update(name=f"{actor} {number}")


async def test_two_processes_that_append_at_once_keep_one_chain(control_url: str, two_processes: Processes) -> None:
    times = amount(500)
    two_processes.do(append, control_url, times, "process")
    async with open_control(control_url):
        found = await verify()
        assert (found.entries, found.reached.sequence, found.findings) == (2 * times, 2 * times, ())
        assert await head() == found.reached
