import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tenants.control.audit import head, record
from tenants.control.audit_chain import EMPTY, Head, digest_of
from tenants.control.audit_check import verify
from tenants.control.database import Control
from tenants.control.failures import WitnessUnreadable
from tenants.control.models.audit import AuditEntry
from tenants.control.witness import Witness
from tests.support.amount import amount

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def write(count: int) -> list[AuditEntry]:
    return [await record("user:1", "x", f"y:{number}", number=number) for number in range(count)]


@pytest.fixture
async def spoil(control: Control, engine: str) -> Callable[..., Awaitable[None]]:
    """Change the tables as who owns the database's server can: without the guards."""
    guards = {
        "audit_entries": ["in_a_row", *(["no_update", "no_delete"] if engine == "sqlite" else ["no_change"])],
        "audit_head": ["forward", *(["no_delete"] if engine == "sqlite" else ["one"])],
    }

    async def run(*statements: str) -> None:
        for table, names in guards.items():
            on = f" ON {table}" if engine == "postgresql" else ""
            for name in names:
                await control.connection.execute_script(f'DROP TRIGGER IF EXISTS "{table}_{name}"{on}')
        for statement in statements:
            await control.connection.execute_script(statement)

    return run


async def findings(known: Sequence[Head] = ()) -> list[tuple[int, str]]:
    return [(finding.sequence, finding.what) for finding in (await verify(known)).findings]


ALTERATIONS = {
    "actor": "'user:2'",
    "action": "'xx'",
    "target": "'z'",
    "at": "'2020-01-01 00:00:00+00:00'",
    "tenant": "'00000000-0000-4000-8000-000000000000'",
    "details": """'{"number":99}'""",
}


async def test_an_entry_that_was_altered_is_found_whatever_was(spoil: Callable[..., Awaitable[None]]) -> None:
    entry = (await write(5))[2]
    for column, value in ALTERATIONS.items():
        await spoil(f"UPDATE audit_entries SET {column} = {value} WHERE sequence = 3")
        assert await findings() == [(3, "was altered")]
        await entry.save()
        assert await findings() == []


async def test_an_entry_that_was_altered_with_its_digest_breaks_the_next(spoil: Callable[..., Awaitable[None]]) -> None:
    entry = (await write(5))[2]
    entry.actor = "user:2"
    await spoil(f"UPDATE audit_entries SET actor = 'user:2', digest = '{digest_of(entry)}' WHERE sequence = 3")
    assert await findings() == [(4, "does not continue the entry before")]


async def test_entries_that_were_removed_are_found(spoil: Callable[..., Awaitable[None]]) -> None:
    await write(6)
    await spoil("DELETE FROM audit_entries WHERE sequence IN (1, 3, 4)")
    assert await findings() == [
        (2, "follows entry 0: what was in between is gone"),
        (5, "follows entry 2: what was in between is gone"),
    ]


async def test_entries_that_were_reordered_are_found(spoil: Callable[..., Awaitable[None]]) -> None:
    await write(5)
    await spoil(
        "UPDATE audit_entries SET sequence = 9 WHERE sequence = 2",
        "UPDATE audit_entries SET sequence = 2 WHERE sequence = 3",
        "UPDATE audit_entries SET sequence = 3 WHERE sequence = 9",
    )
    assert [sequence for sequence, what in await findings() if what == "was altered"] == [2, 3]


async def test_entries_that_were_cut_off_are_found_by_the_head(spoil: Callable[..., Awaitable[None]]) -> None:
    await write(5)
    await spoil("DELETE FROM audit_entries WHERE sequence > 3")
    assert await findings() == [(3, "is not the head, 5")]


async def test_an_audit_that_was_emptied_is_found(spoil: Callable[..., Awaitable[None]]) -> None:
    await write(2)
    await spoil("DELETE FROM audit_entries")
    assert await findings() == [(0, "is not the head, 2")]


async def test_a_head_that_is_gone_is_found(spoil: Callable[..., Awaitable[None]]) -> None:
    await write(2)
    await spoil("DELETE FROM audit_head")
    assert await findings() == [(2, "is the last entry, but the head is gone")]


async def test_an_entry_put_behind_the_head_is_found(spoil: Callable[..., Awaitable[None]]) -> None:
    await write(2)
    await spoil("UPDATE audit_head SET sequence = 1")
    assert await findings() == [(2, "is not the head, 1")]


async def test_entries_cut_off_together_with_the_head_are_found_by_the_witness(
    spoil: Callable[..., Awaitable[None]], tmp_path: Path
) -> None:
    entries = await write(5)
    witness = Witness(tmp_path / "audit.heads")
    witness.note(await head(), now=NOW)
    await spoil(
        "DELETE FROM audit_entries WHERE sequence > 3",
        f"UPDATE audit_head SET sequence = 3, digest = '{entries[2].digest}'",
    )
    assert await findings() == []
    assert await findings(witness.heads()) == [(5, "was noted outside the database and is gone")]


async def test_a_chain_made_anew_is_found_by_the_witness(spoil: Callable[..., Awaitable[None]], tmp_path: Path) -> None:
    entries = await write(3)
    witness = Witness(tmp_path / "audit.heads")
    for entry in entries[1:]:
        witness.note(Head(sequence=entry.sequence, digest=entry.digest), now=NOW)
    await spoil("DELETE FROM audit_entries", f"UPDATE audit_head SET sequence = 0, digest = '{EMPTY.digest}'")
    await write(4)
    assert await findings() == []
    other = "is not the entry that was noted outside the database"
    assert await findings(witness.heads()) == [(2, other), (3, other)]


async def test_a_witness_that_nothing_was_changed_under_finds_nothing(control: Control, tmp_path: Path) -> None:
    witness = Witness(tmp_path / "audit.heads")
    assert witness.heads() == []
    noted = [await head()]
    witness.note(noted[0], now=NOW)
    for _ in range(3):
        await write(2)
        noted.append(await head())
        witness.note(noted[-1], now=NOW)
    assert witness.heads() == noted
    assert (tmp_path / "audit.heads").stat().st_mode & 0o777 == 0o600
    assert await findings(witness.heads()) == []


def test_a_note_that_was_cut_off_by_a_kill_is_passed_over_and_a_spoiled_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "audit.heads"
    witness = Witness(path)
    witness.note(EMPTY, now=NOW)
    whole = path.read_text()
    path.write_text(whole + whole[:40])
    assert witness.heads() == [EMPTY]
    path.write_text(whole + "spoiled\n" + whole)
    with pytest.raises(WitnessUnreadable, match=r"audit\.heads:2 "):
        witness.heads()


async def test_entries_that_hold_what_no_entry_can_are_told_and_the_others_are_still_checked(
    spoil: Callable[..., Awaitable[None]], engine: str
) -> None:
    await write(8)
    if engine == "postgresql":
        await spoil("UPDATE audit_entries SET details = '[1]' WHERE sequence = 4")
        assert await findings() == [(4, "was altered")]
        return
    await spoil(
        "UPDATE audit_entries SET details = '{' WHERE sequence = 4",
        "UPDATE audit_entries SET at = 'yesterday' WHERE sequence = 6",
        "UPDATE audit_entries SET actor = 'user:2' WHERE sequence = 7",
    )
    assert [found for found in await findings() if found[1] in {"can't be read", "was altered"}] == [
        (4, "can't be read"),
        (6, "can't be read"),
        (7, "was altered"),
    ]


async def test_any_one_of_many_entries_is_missed(control: Control, spoil: Callable[..., Awaitable[None]]) -> None:
    count = amount(2000)
    await write(count)
    await spoil()
    chance = random.Random(4)
    for sequence in chance.sample(range(1, count + 1), 10):
        column = chance.choice(sorted(ALTERATIONS))
        before = await AuditEntry.get(sequence=sequence)
        await control.connection.execute_script(
            f"UPDATE audit_entries SET {column} = {ALTERATIONS[column]} WHERE sequence = {sequence}"
        )
        assert await findings() == [(sequence, "was altered")]
        await before.save()
        assert await findings() == []
