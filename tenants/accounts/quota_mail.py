"""Mail about quotas: a workspace's owners are written that a limit is near, or reached."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from core.api import NotReady
from tenants.accounts.letters import Occasion, letter, metric_in
from tenants.accounts.mail import MailFailed
from tenants.accounts.services import Accounts
from tenants.control.models.membership import Membership, Role
from tenants.jobs.kinds import JobKind, Running
from tenants.quotas.alerts import MAIL
from tenants.quotas.metrics import Metric


class QuotaAlert(BaseModel, frozen=True):
    """What is told; amounts in the metric's unit."""

    metric: Metric
    threshold: int
    used: int
    limit: int
    month: str


def quota_mail_kind(at: Accounts) -> JobKind[QuotaAlert]:
    """Return the kind of job that writes about quotas."""
    return JobKind(name=MAIL, payload=QuotaAlert, do=partial(_write, at), ended=_nothing)


async def _write(at: Accounts, running: Running[QuotaAlert]) -> Mapping[str, Any]:
    """Write to all owners. Whoever was written before a failure is written again."""
    told = running.payload
    owners = await Membership.filter(tenant_id=running.tenant, role=Role.OWNER).prefetch_related("user", "tenant")
    for each in owners:
        written = letter(
            Occasion.QUOTA,
            each.user.email,
            each.user.locale,
            link=f"{at.url}/usage",
            workspace=each.tenant.name,
            threshold=str(told.threshold),
            metric=metric_in(each.user.locale, told.metric),
            used=told.metric.told(told.used),
            limit=told.metric.told(told.limit),
        )
        try:
            await at.mailer.send(written)
        except MailFailed as err:
            raise NotReady(str(err), retry_after=600) from err
    return {"written": len(owners)}


async def _nothing(_tenant: UUID, _job: UUID, _payload: QuotaAlert, _state: str) -> None:
    """A letter that was never sent leaves nothing behind."""
