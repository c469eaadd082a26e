"""Subscriptions: which plan a tenant pays for, and how that stands."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.plan import Plan
from tenants.control.models.tenant import Tenant
from tenants.control.models.words import word_field


class Provider(StrEnum):
    """Who keeps the subscription: an administrator's hand, or Stripe."""

    MANUAL = "manual"
    STRIPE = "stripe"


class SubscriptionState(StrEnum):
    """Stripe's eight words (https://docs.stripe.com/api/subscriptions/object), whoever keeps the subscription."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    PAUSED = "paused"


class Subscription(Model):
    """A tenant's subscription to a plan. ``external_id`` is the provider's own, unique with it."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="subscriptions", on_delete=fields.RESTRICT
    )
    plan: fields.ForeignKeyRelation[Plan] = fields.ForeignKeyField(
        "control.Plan", related_name="subscriptions", on_delete=fields.RESTRICT
    )
    state = word_field(SubscriptionState)
    provider = word_field(Provider, default=Provider.MANUAL)
    external_id = fields.CharField(max_length=255, null=True)
    period_start: datetime | None = MomentField(null=True)
    period_end: datetime | None = MomentField(null=True)
    cancel_at_period_end = fields.BooleanField(default=False)
    created: datetime = MomentField(auto_now_add=True)

    tenant_id: UUID
    plan_id: UUID

    class Meta:
        table = "subscriptions"
        unique_together = (("provider", "external_id"),)
        indexes = (("tenant_id", "created"), ("plan_id",))
        constraints = (
            one_of("subscriptions", "state", SubscriptionState),
            one_of("subscriptions", "provider", Provider),
            holds("subscriptions", "period", '"period_end" >= "period_start"'),
        )
