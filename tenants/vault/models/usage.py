"""Usage: what a tenant used, event by event, for its own accounts. The limits are counted in the control plane."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.moment import MomentField
from tenants.vault.binding import VaultModel


class UsageEvent(VaultModel):
    """Something that was used. ``amount`` is in the metric's unit, ``money`` in minor units of ``currency``.

    ``project``, ``video`` and ``api_key`` are no foreign keys: an event outlives what it tells of.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    at: datetime = MomentField(auto_now_add=True)
    metric = fields.CharField(max_length=64)
    amount = fields.BigIntField()
    provider = fields.CharField(max_length=200, default="")
    project: UUID | None = fields.UUIDField(null=True)
    video: UUID | None = fields.UUIDField(null=True)
    api_key: UUID | None = fields.UUIDField(null=True)
    money: int | None = fields.BigIntField(null=True)
    currency = fields.CharField(max_length=3, default="")

    class Meta:
        table = "usage_events"
        indexes = (("metric", "at"), ("provider", "at"), ("project", "at"))
