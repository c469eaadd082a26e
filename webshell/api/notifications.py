"""``/notifications``: what the members of a workspace are told of."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint
from tortoise.expressions import Q

from core.api import NotFound
from tenants.control.roles import Permission
from tenants.vault.models.notification import Level
from tenants.vault.models.notification import Notification as Row
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal

notifications = Blueprint("notifications", __name__, url_prefix="/notifications")


class Notification(BaseModel, from_attributes=True):
    """Something to be told. ``kind`` and ``facts`` are for whoever says it in another language."""

    id: UUID
    kind: str
    level: Level
    title: str
    body: str
    link: str
    facts: dict[str, Any]
    created: datetime
    read: datetime | None


class NotificationPage(Page[Notification]):
    """Notifications, the newest first. ``unread`` counts all that nobody has read."""

    unread: int


class NotificationsQuery(PageQuery):
    """Which notifications."""

    unread: bool = False


@endpoint(
    notifications,
    "",
    "GET",
    Rules(needs=Permission.READ, vault=True, gives={200: NotificationPage}),
    query=NotificationsQuery,
)
async def list_notifications(query: NotificationsQuery) -> NotificationPage:
    """List what this member is told of, the newest first."""
    mine = Row.filter(Q(user=None) | Q(user=principal().user))
    rows = mine.filter(read=None) if query.unread else mine
    if (after := after_of(query)) is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], id__lt=after[1]))
    found = await rows.order_by("-created", "-id").limit(query.limit)
    return NotificationPage(
        items=[Notification.model_validate(each) for each in found],
        next=next_of([(each.created, each.id) for each in found], query.limit),
        unread=await mine.filter(read=None).count(),
    )


@endpoint(
    notifications,
    "/<uuid:notification_id>/read",
    "POST",
    Rules(needs=Permission.READ, vault=True, rate=RateClass.WRITE, gives={204: None}, problems=(404,)),
)
async def read_notification(notification_id: UUID) -> None:
    """Note that something was read; a second time nothing changes."""
    found = Row.filter(Q(user=None) | Q(user=principal().user), id=notification_id)
    if not await found.exists():
        raise NotFound(f"there is no notification {notification_id}")
    await found.filter(read=None).update(read=datetime.now(UTC))


@endpoint(
    notifications,
    "/read",
    "POST",
    Rules(needs=Permission.READ, vault=True, rate=RateClass.WRITE, gives={204: None}),
)
async def read_all_notifications() -> None:
    """Note that all was read."""
    await Row.filter(Q(user=None) | Q(user=principal().user), read=None).update(read=datetime.now(UTC))
