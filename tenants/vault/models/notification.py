"""Notifications: what a tenant's members are told of."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.checks import one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field
from tenants.vault.binding import VaultModel


class Level(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Notification(VaultModel):
    """Something to be told, to one member or (``user`` is None) to all. ``kind`` and ``facts`` are for translation."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    kind = fields.CharField(max_length=100)
    level = word_field(Level, default=Level.INFO)
    title = fields.CharField(max_length=300)
    body = fields.TextField(default="")
    link = fields.CharField(max_length=500, default="")
    facts: dict[str, Any] = fields.JSONField(default=dict)
    user: UUID | None = fields.UUIDField(null=True)
    created: datetime = MomentField(auto_now_add=True)
    read: datetime | None = MomentField(null=True)

    class Meta:
        table = "notifications"
        indexes = (("read", "created"), ("user", "created"))
        constraints = (one_of("notifications", "level", Level),)
