"""Pruning: what ended or expired is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tenants.accounts import one_time, sessions
from tenants.house.duties import Duty


def pruning() -> Sequence[Duty]:
    """Return the duties of accounts. They may be done by several processes at once."""

    async def forget_sessions(now: datetime) -> None:
        await sessions.prune(now=now)

    async def forget_tokens(now: datetime) -> None:
        await one_time.prune(now=now)

    return (
        Duty(name="forget sessions that ended", every=timedelta(hours=1), do=forget_sessions),
        Duty(name="forget one-time tokens that expired", every=timedelta(hours=1), do=forget_tokens),
    )
