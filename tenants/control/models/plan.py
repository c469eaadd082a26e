"""Plans: what a subscription gives, and what it costs."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field


class Interval(StrEnum):
    """How often a plan is paid."""

    MONTH = "month"
    YEAR = "year"


class Plan(Model):
    """What a tenant can subscribe to. ``limits`` is read by ``tenants.quotas.limits``.

    ``price_cents`` is in the currency's smallest unit, ``currency`` an ISO 4217 code in upper case. At most one plan is
    the default: the one that a tenant without a subscription stands on.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    slug = fields.CharField(max_length=63, unique=True)
    name = fields.CharField(max_length=200)
    limits: dict[str, Any] = fields.JSONField(default=dict)
    price_cents = fields.BigIntField(default=0)
    currency = fields.CharField(max_length=3, default="EUR")
    interval = word_field(Interval, default=Interval.MONTH)
    is_public = fields.BooleanField(default=True)
    is_default = fields.BooleanField(default=False)
    created: datetime = MomentField(auto_now_add=True)

    class Meta:
        table = "plans"
        constraints = (
            holds("plans", "price", '"price_cents" >= 0'),
            holds("plans", "currency", 'length("currency") = 3 AND "currency" = upper("currency")'),
            one_of("plans", "interval", Interval),
        )
