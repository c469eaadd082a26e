"""Webhooks: addresses of a tenant's that are told of its renders, and what was told to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field
from tenants.vault.binding import VaultModel


class Webhook(VaultModel):
    """An address. ``secret`` signs what is sent there; it is sealed for this row and ``version``."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    url = fields.CharField(max_length=2000)
    description = fields.CharField(max_length=300, default="")
    events: list[str] = fields.JSONField()
    enabled = fields.BooleanField(default=True)
    version = fields.IntField(default=1)
    key_version = fields.IntField()
    secret: bytes | None = fields.BinaryField(null=True)
    created: datetime = MomentField()

    class Meta:
        table = "webhooks"
        constraints = (holds("webhooks", "versions", '"version" >= 1 AND "key_version" >= 1'),)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(VaultModel):
    """One message to one address. ``answered`` is the status of the last answer, ``attempts`` counts the tries."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    webhook: fields.ForeignKeyRelation[Webhook] = fields.ForeignKeyField(
        "vault.Webhook", related_name="deliveries", on_delete=fields.CASCADE
    )
    event = fields.CharField(max_length=100)
    message = fields.CharField(max_length=100)
    body: dict[str, Any] = fields.JSONField()
    state = word_field(DeliveryState, default=DeliveryState.WAITING)
    attempts = fields.IntField(default=0)
    answered: int | None = fields.IntField(null=True)
    error = fields.CharField(max_length=500, default="")
    created: datetime = MomentField()
    ended: datetime | None = MomentField(null=True)

    webhook_id: UUID

    class Meta:
        table = "deliveries"
        indexes = (("webhook_id", "created"),)
        constraints = (
            one_of("deliveries", "state", DeliveryState),
            holds("deliveries", "attempts", '"attempts" >= 0'),
        )
