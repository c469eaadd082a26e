"""Delivering: the job that tells one address one thing, until it has heard it or too many hours have gone by."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid4, uuid5

from pydantic import BaseModel

from core.api import HttpClient, NotFound, NotReady, ReelhouseError
from tenants.control.failures import Taken
from tenants.control.jobs import enqueue
from tenants.jobs.kinds import JobKind, Running
from tenants.vault.models.webhook import Delivery, DeliveryState, Webhook
from tenants.vault.scope import scope
from tenants.webhooks.keeping import DeliveryView, HookEvent, find_webhook, secret_of
from tenants.webhooks.signing import signed_headers

DELIVER = "deliver"
WAITS = tuple(timedelta(seconds=each) for each in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000))
"""How long is waited before each further try, as Standard Webhooks recommends."""
_GONE = 410
"""The status by which a receiver says that it wants to hear nothing more."""


class Clock(Protocol):
    """Tells the time, in UTC."""

    def __call__(self) -> datetime: ...


class DeliveryPayload(BaseModel, frozen=True):
    """What is delivered; what it says lies in the tenant's vault."""

    delivery: UUID


class DeliveryRefused(ReelhouseError):
    """The address wants to hear nothing more, or was removed."""

    code = "delivery_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How messages leave the house. ``http`` reaches public addresses alone, and what the operator opened."""

    http: HttpClient
    clock: Clock


def deliver_kind(post: Post) -> JobKind[DeliveryPayload]:
    """Return the kind of job that delivers."""
    return JobKind(name=DELIVER, payload=DeliveryPayload, do=partial(_deliver, post), ended=partial(_give_up, post))


async def announce(tenant: UUID, event: HookEvent, data: Mapping[str, Any], *, message: UUID, now: datetime) -> None:
    """Tell all webhooks that want to hear of an event; the same ``message`` again tells nobody twice.

    Called within the tenant's scope.
    """
    for webhook in await Webhook.filter(enabled=True):
        if event.value in webhook.events:
            await _queue(tenant, webhook, event, data, delivery=uuid5(message, str(webhook.id)), now=now)


async def ping(tenant: UUID, webhook: UUID, *, now: datetime) -> DeliveryView:
    """Tell one webhook a word, to try it. Called within the tenant's scope. Raise ``NotFound``."""
    row = await find_webhook(webhook)
    return await _queue(tenant, row, HookEvent.PING, {"webhook": str(webhook)}, delivery=uuid4(), now=now)


async def replay(tenant: UUID, webhook: UUID, delivery: UUID, *, now: datetime) -> DeliveryView:
    """Tell a message once more, under the id that it had. Called within the tenant's scope. Raise ``NotFound``."""
    row = await find_webhook(webhook)
    former = await Delivery.get_or_none(id=delivery, webhook_id=webhook)
    if former is None:
        raise NotFound(f"there is no delivery {delivery}")
    return await _queue(
        tenant, row, HookEvent(former.event), former.body["data"], delivery=uuid4(), message=former.message, now=now
    )


async def _queue(
    tenant: UUID,
    webhook: Webhook,
    event: HookEvent,
    data: Mapping[str, Any],
    *,
    delivery: UUID,
    now: datetime,
    message: str = "",
) -> DeliveryView:
    body = {"type": event.value, "timestamp": now.isoformat(), "data": dict(data)}
    row = Delivery(
        id=delivery,
        webhook=webhook,
        event=event.value,
        message=message or f"msg_{delivery.hex}",
        body=body,
        created=now,
    )
    # The row comes first: a job without one would have nothing to say, a row without a job is told again with the next.
    await Delivery.bulk_create([row], ignore_conflicts=True)
    payload = DeliveryPayload(delivery=delivery).model_dump(mode="json")
    with suppress(Taken):  # it was queued before
        await enqueue(
            DELIVER, payload, tenant=tenant, now=now, max_attempts=len(WAITS) + 1, idempotency_key=str(delivery)
        )
    return DeliveryView.of(row)


async def _deliver(post: Post, running: Running[DeliveryPayload]) -> Mapping[str, Any]:
    async with scope(running.tenant):
        row = await Delivery.get_or_none(id=running.payload.delivery)
        if row is None or row.state is DeliveryState.DELIVERED:
            return {}
        webhook = await Webhook.get(id=row.webhook_id)
        if not webhook.enabled:
            raise DeliveryRefused("the webhook is switched off")
        body = json.dumps(row.body).encode()
        headers = signed_headers(secret_of(webhook), row.message, int(post.clock().timestamp()), body)
    status, error = await _sent(post, webhook.url, headers, body)
    is_heard = status is not None and 200 <= status < 300
    async with scope(running.tenant):
        await Delivery.filter(id=row.id).update(
            attempts=running.attempt,
            answered=status,
            error=error[:500],
            **({"state": DeliveryState.DELIVERED, "ended": post.clock()} if is_heard else {}),
        )
        if status == _GONE:
            await Webhook.filter(id=webhook.id).update(enabled=False)
    if is_heard:
        return {"status": status}
    if status == _GONE:
        raise DeliveryRefused("the address wants to hear nothing more (410): the webhook was switched off")
    wait = WAITS[min(running.attempt, len(WAITS)) - 1]
    raise NotReady(error, retry_after=wait.total_seconds())


async def _sent(post: Post, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int | None, str]:
    """Send a message; return the status of the answer, None without one, and what went wrong."""
    try:
        answer = await post.http.request(
            "POST", url, headers={"content-type": "application/json", **headers}, body=body
        )
    except ReelhouseError as err:
        return None, str(err)
    return answer.status, "" if 200 <= answer.status < 300 else f"it answered with {answer.status}"


async def _give_up(post: Post, tenant: UUID, _job: UUID, payload: DeliveryPayload, _state: str) -> None:
    async with scope(tenant):
        waiting = Delivery.filter(id=payload.delivery, state=DeliveryState.WAITING)
        await waiting.update(state=DeliveryState.FAILED, ended=post.clock())
