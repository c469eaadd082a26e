"""Memberships: who belongs to which tenant, and as what."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User
from tenants.control.models.words import word_field


class Role(StrEnum):
    """What a member may do; ``tenants.control.roles`` spells it out."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class Membership(Model):
    """One user in one tenant."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="memberships", on_delete=fields.RESTRICT
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "control.User", related_name="memberships", on_delete=fields.RESTRICT
    )
    role = word_field(Role)
    created: datetime = MomentField(auto_now_add=True)

    tenant_id: UUID
    user_id: UUID

    class Meta:
        table = "memberships"
        unique_together = (("tenant", "user"),)
        indexes = (("user_id",),)
        constraints = (one_of("memberships", "role", Role),)
