"""The audit's entries and its head. ``tenants.control.audit`` writes them; the database refuses to change entries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField


class AuditEntry(Model):
    """Who did what to what. ``digest`` covers all other columns, ``previous`` is the digest of the entry before.

    ``tenant`` is no foreign key: an entry outlives what it tells of.
    """

    sequence = fields.BigIntField(primary_key=True, generated=False)
    at: datetime = MomentField()
    actor = fields.CharField(max_length=200)
    tenant: UUID | None = fields.UUIDField(null=True)
    action = fields.CharField(max_length=100)
    target = fields.CharField(max_length=300)
    details: dict[str, Any] = fields.JSONField()
    previous = fields.CharField(max_length=64)
    digest = fields.CharField(max_length=64, unique=True)

    class Meta:
        table = "audit_entries"
        indexes = (("tenant", "sequence"), ("actor", "sequence"), ("action", "sequence"))
        constraints = (holds("audit_entries", "sequence", '"sequence" >= 1'),)


class AuditHead(Model):
    """The last entry, kept outside the entries' table: its one row is where writers queue up."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    sequence = fields.BigIntField()
    digest = fields.CharField(max_length=64)

    class Meta:
        table = "audit_head"
        constraints = (holds("audit_head", "one", '"id" = 1'),)
