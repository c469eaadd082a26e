"""Events: what happened, in the order in which it became true, for who watches: browsers and webhooks.

An event is written in the transaction of what it tells, so there is none of what did not happen. Writers queue up at
the head's row until their transaction is through: whoever has read up to a number has missed nothing before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS
from tenants.control.models.event import Event, EventHead

KEPT = timedelta(days=1)
"""How long events are there to be read: who was away longer looks at things as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event. ``tenant`` is None for what happened to the house."""

    sequence: int
    tenant: UUID | None
    topic: str
    data: Mapping[str, Any]
    at: datetime


async def publish(topic: str, data: Mapping[str, Any], *, tenant: UUID | None, now: datetime) -> None:
    """Write an event; ``data`` is JSON. In a transaction it stands and falls with it: then call it last."""
    async with in_transaction(ALIAS) as transaction:
        heads = await transaction.execute_query_dict(
            'UPDATE "event_head" SET "sequence" = "sequence" + 1 WHERE "id" = 1 RETURNING "sequence"'
        )
        await Event.create(sequence=heads[0]["sequence"], tenant_id=tenant, topic=topic, data=dict(data), at=now)


async def last_sequence() -> int:
    """Return the number of the last event."""
    return int((await EventHead.get(id=1)).sequence)


async def events_after(sequence: int, *, most: int = 1000) -> list[EventView]:
    """Return the events that came after one, of all tenants, in order."""
    rows = await Event.filter(sequence__gt=sequence).order_by("sequence").limit(most)
    return [_view(row) for row in rows]


async def events_of(tenant: UUID, *, after: int, most: int = 1000) -> list[EventView]:
    """Return a tenant's events that came after one, in order."""
    rows = await Event.filter(tenant_id=tenant, sequence__gt=after).order_by("sequence").limit(most)
    return [_view(row) for row in rows]


async def prune(now: datetime) -> int:
    """Forget events that are old enough; return how many."""
    return await Event.filter(at__lt=now - KEPT).delete()


def _view(row: Event) -> EventView:
    return EventView(sequence=row.sequence, tenant=row.tenant_id, topic=row.topic, data=row.data, at=row.at)
