"""Events: what happened lately, for who watches. ``tenants.control.events`` writes and reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant


class Event(Model):
    """Something that happened to a tenant, or to the house where there is none. ``sequence`` counts all, from 1."""

    sequence = fields.BigIntField(primary_key=True, generated=False)
    tenant: fields.ForeignKeyNullableRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="events", on_delete=fields.RESTRICT, null=True
    )
    topic = fields.CharField(max_length=64)
    data: dict[str, Any] = fields.JSONField()
    at: datetime = MomentField()

    tenant_id: UUID | None

    class Meta:
        table = "events"
        indexes = (("tenant_id", "sequence"), ("at",))


class EventHead(Model):
    """The last event's number, in the only row there is: writers queue up at it, so that numbers come in order."""

    id = fields.IntField(primary_key=True, generated=False)
    sequence = fields.BigIntField()

    class Meta:
        table = "event_head"
        constraints = (holds("event_head", "one", '"id" = 1'),)
