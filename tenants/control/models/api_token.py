"""API tokens: how a member's programs ask, in one tenant and with some of the member's permissions."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User


class ApiToken(Model):
    """A token by SHA-256 of its secret. ``networks`` are those it may be used from, none for all, in CIDR form.

    ``last_used`` is kept to the minute.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "control.User", related_name="api_tokens", on_delete=fields.CASCADE
    )
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="api_tokens", on_delete=fields.RESTRICT
    )
    name = fields.CharField(max_length=100)
    digest = fields.CharField(max_length=64)
    scopes: list[str] = fields.JSONField()
    networks: list[str] = fields.JSONField()
    created: datetime = MomentField()
    expires: datetime = MomentField()
    last_used: datetime | None = MomentField(null=True)
    revoked: datetime | None = MomentField(null=True)

    user_id: UUID
    tenant_id: UUID

    class Meta:
        table = "api_tokens"
        indexes = (("tenant_id", "created"), ("user_id",))
