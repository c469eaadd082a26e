"""One-time tokens: what was mailed, or handed out between two steps. ``tenants.accounts.one_time`` gives and takes."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User
from tenants.control.models.words import word_field


class Purpose(StrEnum):
    """The one step that a token leads to."""

    REGISTER = "register"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    CHANGE_EMAIL = "change_email"
    INVITE = "invite"
    SECOND_FACTOR = "second_factor"
    PASSKEY = "passkey"
    OPENID = "openid"


class OneTimeToken(Model):
    """A token by its SHA-256, with what the next step needs in ``details``. ``failed`` counts wrong guesses at it."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    purpose = word_field(Purpose)
    digest = fields.CharField(max_length=64, unique=True)
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "control.User", related_name="one_time_tokens", on_delete=fields.CASCADE, null=True
    )
    tenant: fields.ForeignKeyNullableRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="one_time_tokens", on_delete=fields.RESTRICT, null=True
    )
    details: dict[str, Any] = fields.JSONField()
    failed = fields.IntField(default=0)
    created: datetime = MomentField()
    expires: datetime = MomentField()
    used: datetime | None = MomentField(null=True)

    user_id: UUID | None
    tenant_id: UUID | None

    class Meta:
        table = "one_time_tokens"
        indexes = (("expires",), ("user_id", "purpose"), ("tenant_id",))
        constraints = (one_of("one_time_tokens", "purpose", Purpose),)
