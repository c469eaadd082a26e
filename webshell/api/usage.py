"""``/usage``: what a tenant used, against its plan's limits and by provider, day or project."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, model_validator
from quart import Blueprint

from tenants.control.roles import Permission
from tenants.quotas.metering import By, tallies
from tenants.quotas.metrics import Metric
from tenants.quotas.usage import usage_of
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.principal import tenant

usage = Blueprint("usage", __name__, url_prefix="/usage")

_LONGEST = timedelta(days=366)


class Standing(BaseModel, from_attributes=True):
    """How a limit stands, in the metric's unit; ``limit`` is null for none. ``reserved`` is for work that goes on."""

    metric: Metric
    used: int
    reserved: int
    limit: int | None
    resets: datetime | None


class Usage(BaseModel):
    """How all limits stand."""

    items: list[Standing]


class Tally(BaseModel, from_attributes=True):
    """What was used of a metric by one provider, on one day or for one project (``of``). Money in minor units."""

    of: str
    metric: str
    amount: int
    events: int
    money: int
    currency: str


class Tallies(BaseModel):
    """What was used, summed."""

    items: list[Tally]


class TalliesQuery(BaseModel, extra="forbid"):
    """What to sum by, over which time: the last 30 days if not told."""

    by: By
    metric: Annotated[str | None, Field(max_length=64)] = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> "TalliesQuery":
        start, end = self.period()
        if not timedelta(0) < end - start <= _LONGEST:
            raise ValueError("start must lie before end, by a year at most")
        return self

    def period(self) -> tuple[datetime, datetime]:
        """Return the time that is summed over."""
        end = self.end or datetime.now(UTC)
        return self.start or end - timedelta(days=30), end


@endpoint(usage, "", "GET", Rules(needs=Permission.READ, gives={200: Usage}))
async def show_usage() -> Usage:
    """Show how every limit of the plan stands."""
    found = await usage_of(tenant(), now=datetime.now(UTC))
    return Usage(items=[Standing.model_validate(each) for each in found])


@endpoint(usage, "/tallies", "GET", Rules(needs=Permission.READ, vault=True, gives={200: Tallies}), query=TalliesQuery)
async def list_tallies(query: TalliesQuery) -> Tallies:
    """Sum what was used by provider, by day or by project."""
    start, end = query.period()
    found = await tallies(query.by, start=start, end=end, metric=query.metric)
    return Tallies(items=[Tally.model_validate(each) for each in found])
