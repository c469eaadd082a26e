"""Entitlements: what a tenant may use now, by its subscription, its plan and an administrator's word."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.api import NotFound
from tenants.control.models.plan import Plan
from tenants.control.models.subscription import Subscription
from tenants.control.models.tenant import Tenant, TenantState
from tenants.quotas.access import Access, SubscriptionTerms, access_of
from tenants.quotas.failures import AccessLapsed
from tenants.quotas.limits import Limits

_BEST_FIRST = (Access.FULL, Access.READ_ONLY, Access.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What a tenant may use. ``plan`` is the slug of the plan it stands on, empty where the house has none for it."""

    access: Access
    limits: Limits
    plan: str = ""

    def require_full(self) -> None:
        """Raise ``AccessLapsed`` where nothing new may be used."""
        if self.access is not Access.FULL:
            raise AccessLapsed(
                "this workspace can be read, but nothing new be used in it",
                hint="Its subscription lapsed, or it was suspended: see its billing page.",
            )


async def entitlement_of(tenant: UUID, *, now: datetime) -> Entitlement:
    """Return what a tenant may use now; raise ``NotFound`` for one that is not there.

    Of several subscriptions the one that gives most counts, of equal ones the latest. Without one that gives anything
    the house's default plan does; a house without a default plan limits nobody who never subscribed, and lets those
    who did read. A workspace that is not active is read-only, whatever it pays.
    """
    row = await Tenant.get_or_none(id=tenant)
    if row is None or row.state is TenantState.ERASED:
        raise NotFound(f"there is no tenant {tenant}")
    access, plan = await _subscribed(tenant, now)
    limits = Limits() if plan is None else Limits.parse(plan.limits, path=f"plans.{plan.slug}.limits")
    if row.limits:
        limits = limits.overridden(row.limits, path=f"tenants.{row.slug}.limits")
    return Entitlement(
        access=access if row.state is TenantState.ACTIVE else Access.READ_ONLY,
        limits=limits,
        plan=plan.slug if plan else "",
    )


async def _subscribed(tenant: UUID, now: datetime) -> tuple[Access, Plan | None]:
    subscriptions = await Subscription.filter(tenant_id=tenant).order_by("-created").prefetch_related("plan")
    given = [(access_of(_terms(each), now=now), each.plan) for each in subscriptions]
    best = min(given, key=lambda pair: _BEST_FIRST.index(pair[0]), default=None)
    if best is not None and best[0] is not Access.NONE:
        return best
    default = await Plan.get_or_none(is_default=True)
    if default is not None or best is None:
        return Access.FULL, default
    return Access.READ_ONLY, best[1]


def _terms(subscription: Subscription) -> SubscriptionTerms:
    return SubscriptionTerms(
        state=subscription.state,
        period_start=subscription.period_start,
        period_end=subscription.period_end,
        cancel_at_period_end=subscription.cancel_at_period_end,
    )
