"""``/admin/plans``: what can be subscribed to, and with which limits."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint
from tortoise.exceptions import IntegrityError

from core.api import NotFound
from tenants.control.audit import audited
from tenants.control.failures import Taken
from tenants.control.models.plan import Interval, Plan
from tenants.control.plans import make_default
from tenants.control.roles import HousePermission
from tenants.quotas.limits import Limits
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal

admin_plans = Blueprint("admin_plans", __name__, url_prefix="/admin/plans")


class PlanFacts(BaseModel, extra="forbid"):
    """What a plan gives and costs. The price is in the currency's smallest unit."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    limits: Annotated[dict[str, Any], Field(description="Limits by name; what is not named is without one.")] = {}
    price_cents: Annotated[int, Field(ge=0, le=2**53)] = 0
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    interval: Interval = Interval.MONTH
    is_public: Annotated[bool, Field(description="Whether clients see it.")] = True


class NewPlan(PlanFacts):
    """A plan to make."""

    slug: Annotated[str, Field(pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")]


class PlanShown(PlanFacts, extra="ignore", from_attributes=True):
    """A plan. The default is what a workspace without a subscription stands on."""

    id: UUID
    slug: str
    is_default: bool
    created: datetime


class Plans(BaseModel):
    """All plans."""

    items: list[PlanShown]


_READ = Rules(needs=HousePermission.READ_TENANTS, gives={200: Plans})
_WRITE = Rules(
    needs=HousePermission.WRITE_PLANS, rate=RateClass.WRITE, fresh=True, gives={200: PlanShown}, problems=(404,)
)


@endpoint(admin_plans, "", "GET", _READ)
async def list_plans() -> Plans:
    """List all plans, the cheapest first."""
    return Plans(items=[PlanShown.model_validate(row) for row in await Plan.all().order_by("price_cents", "slug")])


@endpoint(
    admin_plans,
    "",
    "POST",
    Rules(
        needs=HousePermission.WRITE_PLANS,
        rate=RateClass.WRITE,
        fresh=True,
        gives={201: PlanShown},
        problems=(409,),
    ),
    body=NewPlan,
)
async def make_plan(data: NewPlan) -> PlanShown:
    """Make a plan."""
    Limits.parse(data.limits)
    async with audited(principal().actor, "plan.create", f"plan:{data.slug}"):
        try:
            made = await Plan.create(**data.model_dump())
        except IntegrityError as err:
            raise Taken(f'there is a plan "{data.slug}" already') from err
    return PlanShown.model_validate(made)


@endpoint(admin_plans, "/<slug>", "PUT", _WRITE, body=PlanFacts)
async def change_plan(slug: str, data: PlanFacts) -> PlanShown:
    """Change a plan, for all who stand on it, at once."""
    Limits.parse(data.limits)
    async with audited(principal().actor, "plan.change", f"plan:{slug}"):
        if not await Plan.filter(slug=slug).update(**data.model_dump()):
            raise NotFound(f'there is no plan "{slug}"')
    return PlanShown.model_validate(await Plan.get(slug=slug))


@endpoint(admin_plans, "/<slug>/default", "PUT", _WRITE)
async def make_plan_default(slug: str) -> PlanShown:
    """Make a plan the one that a workspace without a subscription stands on."""
    await make_default(slug, actor=principal().actor)
    return PlanShown.model_validate(await Plan.get(slug=slug))
