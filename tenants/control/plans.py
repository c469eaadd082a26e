"""Plans: which one a tenant without a subscription stands on. A new house has one, without limits."""

from core.api import NotFound
from tenants.control.audit import audited
from tenants.control.models.plan import Plan


async def make_default(slug: str, *, actor: str) -> None:
    """Make a plan the default in place of the one that is. Raise ``NotFound``; nothing changes then."""
    async with audited(actor, "plan.make_default", f"plan:{slug}"):
        await Plan.filter(is_default=True).update(is_default=False)
        if not await Plan.filter(slug=slug).update(is_default=True):
            raise NotFound(f'there is no plan "{slug}"')
