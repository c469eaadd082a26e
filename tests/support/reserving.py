"""A process that reserves: started by tests that let several race for what one plan leaves.

``python -m tests.support.reserving ADDRESS TENANT NAME COUNT`` opens the control plane, says ``ready``, waits for a
line, tries ``COUNT`` reservations of one call at once, and prints how many it got and how many were refused.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tenants.control.database import open_control
from tenants.quotas.failures import QuotaExceeded
from tenants.quotas.ledger import reserve
from tenants.quotas.metrics import Metric
from tenants.quotas.reservations import Reservation

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def _race(address: str, tenant: UUID, name: str, count: int) -> None:
    async def one(number: int) -> Reservation:
        reference, expires = f"{name} {number}", NOW + timedelta(hours=1)
        return await reserve(tenant, Metric.API_CALLS, 1, reference=reference, now=NOW, expires=expires)

    async with open_control(address):
        print("ready", flush=True)  # noqa: T201 - what the test waits for
        await asyncio.to_thread(sys.stdin.readline)
        outcomes = await asyncio.gather(*map(one, range(count)), return_exceptions=True)
    refused = sum(isinstance(each, QuotaExceeded) for each in outcomes)
    others = [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, QuotaExceeded)]
    if others:
        raise others[0]
    print(len(outcomes) - refused, refused)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_race(sys.argv[1], UUID(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
