"""Vault anchors: what the control plane knows of each vault, so that an older copy of its file is noticed."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant


class VaultAnchor(Model):
    """The state that a tenant's vault was last seen in. ``quarantined`` says why it must not be opened, if so."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="vault_anchors", on_delete=fields.RESTRICT
    )
    epoch = fields.BigIntField(default=0)
    digest = fields.CharField(max_length=128)
    schema = fields.CharField(max_length=100)
    updated: datetime = MomentField(auto_now=True)
    quarantined: str | None = fields.TextField(null=True)

    tenant_id: UUID

    class Meta:
        table = "vault_anchors"
        unique_together = (("tenant",),)  # not a one-to-one: SQLite's tables lose its index when they are made anew
        constraints = (holds("vault_anchors", "epoch", '"epoch" >= 0'),)
