"""Sessions: users who are signed in, each in one place. ``tenants.accounts.sessions`` begins and ends them."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User


class Session(Model):
    """One place where a user is signed in, and the tenant they work in there.

    ``digest`` is SHA-256 of the secret that the cookie holds; NULL for one that lives by refresh tokens. ``proven`` is
    when the user last proved who they are, ``methods`` how (RFC 8176), ``seen`` when it was used, to the minute.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "control.User", related_name="sessions", on_delete=fields.CASCADE
    )
    tenant: fields.ForeignKeyNullableRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="sessions", on_delete=fields.SET_NULL, null=True
    )
    digest = fields.CharField(max_length=64, null=True, unique=True)
    methods: list[str] = fields.JSONField()
    address = fields.CharField(max_length=45)
    agent = fields.CharField(max_length=300)
    created: datetime = MomentField()
    proven: datetime = MomentField()
    seen: datetime = MomentField()
    expires: datetime = MomentField()
    revoked: datetime | None = MomentField(null=True)

    user_id: UUID
    tenant_id: UUID | None

    class Meta:
        table = "sessions"
        indexes = (("user_id", "revoked"), ("expires",))


class RefreshToken(Model):
    """One of the refresh tokens of a session, by SHA-256; ``used`` is when it was traded for the next."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        "control.Session", related_name="refresh_tokens", on_delete=fields.CASCADE
    )
    digest = fields.CharField(max_length=64, unique=True)
    created: datetime = MomentField()
    used: datetime | None = MomentField(null=True)

    session_id: UUID

    class Meta:
        table = "refresh_tokens"
        indexes = (("session_id",),)
