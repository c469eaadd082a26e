"""Alerts: a tenant is told once when it nears a limit, and once when it reaches it.

Each alert has an id that follows from what it tells of, in the vault and in the control plane alike. So whoever comes
at the same time, or again after a crash, finds it or writes the same: exactly one, without a lock.
"""

from datetime import datetime
from uuid import UUID, uuid5

from tenants.control.events import publish
from tenants.control.models.job import Job
from tenants.quotas.metrics import Metric
from tenants.quotas.periods import month_of
from tenants.vault.models.notification import Level, Notification
from tenants.vault.scope import scope

NEAR, FULL = 80, 100
MAIL = "mail.quota"
"""The kind of the job that tells by mail."""
_ALERTS = UUID("0f4f8f0e-3f0b-4c2a-8a43-52c1f7a0b9d4")


def reached(used: int, limit: int | None) -> tuple[int, ...]:
    """Return the thresholds, in percent, that are reached; none without a limit, or where it allows nothing."""
    return tuple(each for each in (NEAR, FULL) if limit and used * 100 >= limit * each)


async def alert(tenant: UUID, metric: Metric, *, used: int, limit: int | None, now: datetime) -> None:
    """Tell the tenant's members of what is reached: one notification, and one mail to send, a threshold and month.

    Call it with what a settlement tells, outside transactions. Passing both thresholds at once tells of both. What is
    held (storage) is told of once a month too, as long as it stays so near. Metrics that are met at the very step they
    refuse (members, plugins, renders at once) are not told of.
    """
    if not metric.is_alerted:
        return
    due = {_alert_id(tenant, metric, now, each): each for each in reached(used, limit)}
    for told in await Job.filter(id__in=list(due)):
        del due[told.id]
    if not due:
        return
    facts = {each: _facts(metric, each, used, limit, now) for each in due.values()}
    async with scope(tenant):
        # First the vault: whose mail is queued has been told.
        notifications = [_notification(alert_id, metric, facts[each], now) for alert_id, each in due.items()]
        await Notification.bulk_create(notifications, ignore_conflicts=True)
    for each in notifications:
        data = {"id": str(each.id), "kind": each.kind, "level": each.level.value, **each.facts}
        await publish("quota", data, tenant=tenant, now=now)
    jobs = [
        Job(id=alert_id, tenant_id=tenant, kind=MAIL, payload=facts[each], due=now, created=now)
        for alert_id, each in due.items()
    ]
    await Job.bulk_create(jobs, ignore_conflicts=True)


def _alert_id(tenant: UUID, metric: Metric, now: datetime, threshold: int) -> UUID:
    return uuid5(_ALERTS, f"{tenant} {metric} {month_of(now)} {threshold}")


def _facts(metric: Metric, threshold: int, used: int, limit: int | None, now: datetime) -> dict[str, str | int | None]:
    return {"metric": metric.value, "threshold": threshold, "used": used, "limit": limit, "month": month_of(now)}


def _notification(alert_id: UUID, metric: Metric, facts: dict[str, str | int | None], now: datetime) -> Notification:
    is_full = facts["threshold"] == FULL
    return Notification(
        id=alert_id,
        kind="quota.reached" if is_full else "quota.near",
        level=Level.ERROR if is_full else Level.WARNING,
        title=f"{metric.noun.capitalize()}: {facts['threshold']} % of the plan is used",
        facts=facts,
        created=now,
    )
