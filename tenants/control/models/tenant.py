"""Tenants: the clients' workspaces."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field


class TenantState(StrEnum):
    """``suspended`` can be read; ``erasing`` opens for nobody; of ``erased`` only the name of its absence is left."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASING = "erasing"
    ERASED = "erased"


class Tenant(Model):
    """A client's workspace. ``limits`` holds what an administrator set in place of the plan's, if anything.

    ``networks``, in CIDR form, are those it may be worked in from; NULL for all.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    slug = fields.CharField(max_length=63, unique=True)
    name = fields.CharField(max_length=200)
    state = word_field(TenantState, default=TenantState.ACTIVE)
    limits: dict[str, Any] | None = fields.JSONField(null=True)
    networks: list[str] | None = fields.JSONField(null=True)
    created: datetime = MomentField(auto_now_add=True)

    class Meta:
        table = "tenants"
        constraints = (
            holds("tenants", "slug_lower", '"slug" = lower("slug") AND length("slug") > 0'),
            one_of("tenants", "state", TenantState),
        )
