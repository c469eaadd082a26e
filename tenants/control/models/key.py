"""Tenants' keys, wrapped by a master key that lies outside. ``tenants.keys`` says what they open."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant
from tenants.control.models.words import word_field


class TenantKeyState(StrEnum):
    """What a version of a tenant's key is still for; the words are those of ``tenants.keys.rows.KeyState``."""

    ACTIVE = "active"
    DECRYPT_ONLY = "decrypt_only"
    SHREDDED = "shredded"


class TenantKey(Model):
    """One version of a tenant's key. ``wrap_version`` counts its wrappings, for compare-and-set; one is active at most.

    A shredded key's row stays, with nothing in ``wrapped``.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="keys", on_delete=fields.RESTRICT
    )
    version = fields.IntField()
    wrapped = fields.BinaryField()
    master_id = fields.CharField(max_length=255)
    wrap_version = fields.IntField(default=1)
    state = word_field(TenantKeyState, default=TenantKeyState.ACTIVE)
    created: datetime = MomentField(auto_now_add=True)

    tenant_id: UUID

    class Meta:
        table = "tenant_keys"
        unique_together = (("tenant", "version"),)
        indexes = (("master_id",),)
        constraints = (
            one_of("tenant_keys", "state", TenantKeyState),
            holds("tenant_keys", "versions", '"version" >= 1 AND "wrap_version" >= 1'),
            holds("tenant_keys", "shredded", """("state" = 'shredded') = (length("wrapped") = 0)"""),
        )
