"""Factors: what a user has besides a password: an authenticator's codes, recovery codes, passkeys."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.moment import MomentField
from tenants.control.models.user import User


class TotpFactor(Model):
    """An authenticator (RFC 6238), its seed sealed. ``confirmed`` is NULL until a first code was right.

    ``last_step`` is the time step of the last code that was taken: none is taken twice.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    user: fields.OneToOneRelation[User] = fields.OneToOneField(
        "control.User", related_name="totp", on_delete=fields.CASCADE
    )
    seed = fields.BinaryField()
    last_step = fields.BigIntField(default=0)
    created: datetime = MomentField()
    confirmed: datetime | None = MomentField(null=True)

    user_id: UUID

    class Meta:
        table = "totp_factors"


class RecoveryCode(Model):
    """A code that stands in once for a lost authenticator, by SHA-256."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "control.User", related_name="recovery_codes", on_delete=fields.CASCADE
    )
    digest = fields.CharField(max_length=64)
    used: datetime | None = MomentField(null=True)

    user_id: UUID

    class Meta:
        table = "recovery_codes"
        unique_together = (("user", "digest"),)


class Passkey(Model):
    """A passkey (WebAuthn): its public side, and how often its authenticator says that it signed."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "control.User", related_name="passkeys", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=100)
    credential = fields.CharField(max_length=1400, unique=True)
    public_key = fields.BinaryField()
    sign_count = fields.BigIntField()
    created: datetime = MomentField()
    last_used: datetime | None = MomentField(null=True)

    user_id: UUID

    class Meta:
        table = "passkeys"
        indexes = (("user_id",),)
