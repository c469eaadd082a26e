"""Keeping webhooks: made, seen, changed and removed. Called within the tenant's scope.

A webhook's secret is told when it is made and when it is changed, never again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import httpx2
from tortoise.expressions import Q

from core.api import InvalidInput, NotFound
from tenants.vault.models.webhook import Delivery, DeliveryState, Webhook
from tenants.vault.places import Place
from tenants.vault.secrets import SecretWriter, reveal, secret_write
from tenants.webhooks.signing import new_secret

MOST = 20
"""How many webhooks a tenant may have."""


class HookEvent(StrEnum):
    """What is told."""

    VIDEO_READY = "video.ready"
    VIDEO_FAILED = "video.failed"
    PING = "ping"
    """A word to try a webhook with; it is told on request alone."""


TOLD = (HookEvent.VIDEO_READY, HookEvent.VIDEO_FAILED)
"""What a webhook may choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """A webhook, without its secret."""

    id: UUID
    url: str
    description: str
    events: tuple[HookEvent, ...]
    enabled: bool
    created: datetime

    @classmethod
    def of(cls, row: Webhook) -> "WebhookView":
        """Return the view of a row."""
        return cls(
            id=row.id,
            url=row.url,
            description=row.description,
            events=tuple(HookEvent(each) for each in row.events),
            enabled=row.enabled,
            created=row.created,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A message to one address, and how it went. ``answered`` is the status of the last answer."""

    id: UUID
    webhook: UUID
    event: str
    message: str
    state: DeliveryState
    attempts: int
    answered: int | None
    error: str
    created: datetime
    ended: datetime | None

    @classmethod
    def of(cls, row: Delivery) -> "DeliveryView":
        """Return the view of a row."""
        shown = {name: getattr(row, name) for name in cls.__slots__ if name != "webhook"}
        return cls(**shown, webhook=row.webhook_id)


async def add_webhook(
    url: str, events: Collection[HookEvent], *, description: str, now: datetime
) -> tuple[WebhookView, str]:
    """Make a webhook; return it with its secret. Raise ``InvalidInput``."""
    if await Webhook.all().count() >= MOST:
        raise InvalidInput(f"there are {MOST} webhooks already: remove one", path="url")
    secret = new_secret()
    async with secret_write() as writer:
        row = Webhook(
            id=uuid4(),
            url=_checked(url),
            description=description[:300],
            events=_sorted(events),
            key_version=writer.key_version,
            created=now,
        )
        _seal(row, secret, writer)
        await row.save(force_create=True)
    return WebhookView.of(row), secret


async def show_webhook(webhook: UUID) -> WebhookView:
    """Return a webhook; raise ``NotFound``."""
    return WebhookView.of(await find_webhook(webhook))


async def list_webhooks() -> Sequence[WebhookView]:
    """Return all webhooks, the oldest first."""
    return [WebhookView.of(row) for row in await Webhook.all().order_by("created", "id")]


async def change_webhook(
    webhook: UUID,
    *,
    url: str | None = None,
    events: Collection[HookEvent] | None = None,
    description: str | None = None,
    enabled: bool | None = None,
) -> WebhookView:
    """Change a webhook; what is None stays. Raise ``NotFound``, ``InvalidInput``."""
    row = await find_webhook(webhook)
    row.url = row.url if url is None else _checked(url)
    row.events = row.events if events is None else _sorted(events)
    row.description = row.description if description is None else description[:300]
    row.enabled = row.enabled if enabled is None else enabled
    await row.save(update_fields=["url", "events", "description", "enabled"])
    return WebhookView.of(row)


async def change_secret(webhook: UUID) -> tuple[WebhookView, str]:
    """Give a webhook another secret, which holds at once; return it. Raise ``NotFound``."""
    secret = new_secret()
    async with secret_write() as writer:
        row = await find_webhook(webhook)
        row.version += 1
        row.key_version = writer.key_version
        _seal(row, secret, writer)
        await row.save()
    return WebhookView.of(row), secret


async def remove_webhook(webhook: UUID) -> None:
    """Remove a webhook with what was told to it. Raise ``NotFound``."""
    async with secret_write():
        if not await Webhook.filter(id=webhook).delete():
            raise NotFound(f"there is no webhook {webhook}")


async def list_deliveries(
    webhook: UUID, *, after: tuple[datetime, UUID] | None = None, most: int = 50
) -> Sequence[DeliveryView]:
    """Return what was told to a webhook, the newest first. Raise ``NotFound``."""
    await find_webhook(webhook)
    rows = Delivery.filter(webhook_id=webhook)
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], id__lt=after[1]))
    return [DeliveryView.of(row) for row in await rows.order_by("-created", "-id").limit(most)]


async def find_webhook(webhook: UUID) -> Webhook:
    """Return a webhook's row; raise ``NotFound``."""
    row = await Webhook.get_or_none(id=webhook)
    if row is None:
        raise NotFound(f"there is no webhook {webhook}")
    return row


def secret_of(row: Webhook) -> str:
    """Return what signs a webhook's messages. Raise ``Tampered`` where it was changed."""
    if row.secret is None:
        raise NotFound(f"webhook {row.id} has no secret")
    return reveal(row.secret, _place(row), key_version=row.key_version).reveal().decode()


def _seal(row: Webhook, secret: str, writer: SecretWriter) -> None:
    row.secret = writer.seal(secret.encode(), _place(row))


def _place(row: Webhook) -> Place:
    return Place(table="webhooks", row=row.id, column="secret", version=row.version)


def _sorted(events: Collection[HookEvent]) -> list[str]:
    if not events or not set(events) <= set(TOLD):
        raise InvalidInput(f"must be some of {', '.join(TOLD)}", path="events")
    return sorted({each.value for each in events})


def _checked(url: str) -> str:
    """Return an address that may be called; whether it may be reached shows when it is."""
    try:
        read = httpx2.URL(url)
    except httpx2.InvalidURL as err:
        raise InvalidInput("is no address of the web", path="url") from err
    if read.scheme not in ("https", "http") or not read.host or read.userinfo or len(url) > 2000:
        raise InvalidInput("must be an https:// address without a user in it", path="url")
    return url
