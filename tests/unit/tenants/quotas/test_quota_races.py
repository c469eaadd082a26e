"""Two processes reserve at once: exactly what the plan leaves is given, on every database."""

import asyncio
import subprocess
import sys

from tenants.control.models.plan import Plan
from tenants.control.models.quota import QuotaEntry, QuotaTotal
from tenants.control.models.tenant import Tenant
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.unprivileged import REPOSITORY

ATTEMPTS, UNITS = amount(500), amount(100)


async def test_two_processes_get_exactly_what_there_is(tenant: Tenant, plan: Plan, control_url: str) -> None:
    await Plan.filter(id=plan.id).update(limits={"api_calls": UNITS})
    command = [sys.executable, "-m", "tests.support.reserving", control_url, str(tenant.id)]
    racers = [
        await asyncio.create_subprocess_exec(
            *command, name, str(ATTEMPTS // 2), cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in ("first", "second")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    ends = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    assert [racer.returncode for racer in racers] == [0, 0]
    got, refused = (sum(column) for column in zip(*(map(int, out.split()) for out, _ in ends), strict=True))
    assert (got, refused) == (UNITS, ATTEMPTS - UNITS)
    total = await QuotaTotal.get(tenant=tenant, metric="api_calls")
    assert (total.used, total.reserved) == (0, UNITS)
    assert await QuotaEntry.filter(tenant=tenant, state="reserved").count() == UNITS
    counted(f"{ATTEMPTS} reservations against {UNITS} units from two processes: {got} succeeded")
