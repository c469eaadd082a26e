"""Identities: other places that say who somebody is (OpenID Connect), and whom they know here."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.moment import MomentField
from tenants.control.models.user import User


class IdentityProvider(Model):
    """An OpenID provider that the house trusts; ``secret`` is its client secret, sealed."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    slug = fields.CharField(max_length=63, unique=True)
    name = fields.CharField(max_length=100)
    issuer = fields.CharField(max_length=500, unique=True)
    client_id = fields.CharField(max_length=300)
    secret = fields.BinaryField()
    is_enabled = fields.BooleanField(default=True)
    created: datetime = MomentField()

    class Meta:
        table = "identity_providers"


class Identity(Model):
    """A user as a provider calls them: by ``subject``, never by their address."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    provider: fields.ForeignKeyRelation[IdentityProvider] = fields.ForeignKeyField(
        "control.IdentityProvider", related_name="identities", on_delete=fields.CASCADE
    )
    subject = fields.CharField(max_length=255)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "control.User", related_name="identities", on_delete=fields.CASCADE
    )
    created: datetime = MomentField()

    provider_id: UUID
    user_id: UUID

    class Meta:
        table = "identities"
        unique_together = (("provider", "subject"),)
        indexes = (("user_id",),)
