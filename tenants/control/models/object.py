"""Stored objects: the files of tenants that lie in storage backends."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant


class StoredObject(Model):
    """A file of a tenant. ``size`` in bytes, ``sha256`` in lower-case hex, ``purpose`` what it is kept for."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="objects", on_delete=fields.RESTRICT
    )
    backend = fields.CharField(max_length=64)
    key = fields.CharField(max_length=1024)
    sha256 = fields.CharField(max_length=64)
    size = fields.BigIntField()
    purpose = fields.CharField(max_length=32)
    created: datetime = MomentField(auto_now_add=True)

    tenant_id: UUID

    class Meta:
        table = "stored_objects"
        unique_together = (("backend", "key"),)
        indexes = (("tenant_id", "purpose", "created"), ("tenant_id", "sha256"))
        constraints = (
            holds("stored_objects", "sha256", 'length("sha256") = 64 AND "sha256" = lower("sha256")'),
            holds("stored_objects", "size", '"size" >= 0'),
        )
