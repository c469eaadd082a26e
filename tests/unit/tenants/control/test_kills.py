import random
from multiprocessing.connection import Connection

from tenants.control.audit import record
from tenants.control.audit_check import verify
from tenants.control.database import open_control
from tenants.control.models.audit import AuditEntry
from tenants.control.models.plan import Plan
from tenants.control.models.user import User
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.victims import open_once, victim, write_for_ever


def rest_of(pipe: Connection) -> set[str]:
    """What a process still said before it was killed."""
    said: set[str] = set()
    while pipe.poll():
        try:
            said.add(pipe.recv())
        except (EOFError, OSError):
            break
    return said


async def test_no_row_that_was_said_to_be_kept_is_lost_by_a_kill_and_none_is_without_its_entry(
    control_url: str,
) -> None:
    chance = random.Random(11)
    kills, kept = amount(60), set[str]()
    for number in range(kills):
        with victim(write_for_ever, control_url, f"v{number}") as (process, pipe):
            kept |= {pipe.recv() for _ in range(chance.randrange(1, 8))}
            process.join(timeout=chance.uniform(0, 0.004))  # somewhere within the next transaction
            process.kill()
            process.join()
            kept |= rest_of(pipe)
        async with open_control(control_url):
            await record("test", "look", "house")  # waits for what the killed one may have sent off still
            there = {user.email for user in await User.all()}
            assert kept <= there
            assert len(there) <= len(kept) + number + 1
            assert sorted(there) == sorted(entry.target for entry in await AuditEntry.filter(action="user.create"))
            assert (await verify()).is_intact
    counted(f"{kills} kills -9 of writes to the control plane: {len(kept)} rows, none lost", kills=kills)


async def test_a_migration_that_is_killed_at_any_moment_is_begun_again(empty_url: str) -> None:
    chance = random.Random(12)
    kills = amount(30)
    for _ in range(kills):
        with victim(open_once, empty_url, "") as (process, pipe):
            pipe.recv()
            process.join(timeout=chance.uniform(0, 0.4))
    async with open_control(empty_url):
        assert await Plan.all().values_list("slug", flat=True) == ["standard"]
        assert (await verify()).is_intact
    counted(f"{kills} kills -9 of the control plane's migration: begun again and done", kills=kills)
