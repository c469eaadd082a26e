"""Quotas: what tenants reserved and used. ``tenants.quotas`` keeps them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant
from tenants.control.models.words import word_field


class QuotaState(StrEnum):
    """What became of an amount that was set aside."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"


class QuotaEntry(Model):
    """An amount of a metric, set aside or used for what ``reference`` names. In the metric's unit."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="quota_entries", on_delete=fields.RESTRICT
    )
    metric = fields.CharField(max_length=64)
    amount = fields.BigIntField()
    state = word_field(QuotaState, default=QuotaState.RESERVED)
    reference = fields.CharField(max_length=200)
    period = fields.CharField(max_length=32)
    expires: datetime | None = MomentField(null=True)
    created: datetime = MomentField(auto_now_add=True)

    tenant_id: UUID

    class Meta:
        table = "quota_entries"
        unique_together = (("tenant", "metric", "reference"),)
        indexes = (("state", "expires"), ("tenant_id", "metric", "period"))
        constraints = (
            one_of("quota_entries", "state", QuotaState),
            holds("quota_entries", "amount", '"amount" >= 0'),
        )


class QuotaTotal(Model):
    """What a tenant used and reserved of a metric in a period: the one row that races are decided on."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="quota_totals", on_delete=fields.RESTRICT
    )
    metric = fields.CharField(max_length=64)
    period = fields.CharField(max_length=32)
    used = fields.BigIntField(default=0)
    reserved = fields.BigIntField(default=0)

    tenant_id: UUID

    class Meta:
        table = "quota_totals"
        unique_together = (("tenant", "metric", "period"),)
        constraints = (holds("quota_totals", "amounts", '"used" >= 0 AND "reserved" >= 0'),)
