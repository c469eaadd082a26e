"""``/admin/audit``: who did what to what, and whether the record is whole."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint

from core.api import InvalidInput
from tenants.control.audit_check import verify
from tenants.control.models.audit import AuditEntry
from tenants.control.roles import HousePermission
from tenants.control.witness import Witness
from webshell.api.endpoint import Rules, endpoint
from webshell.api.pages import Page, PageQuery, cursor_of
from webshell.auth.limiting import RateClass
from webshell.shell import shell

admin_audit = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")


class Entry(BaseModel, from_attributes=True):
    """One entry of the audit."""

    sequence: int
    at: datetime
    actor: str
    tenant: UUID | None
    action: str
    target: str
    details: dict[str, Any]


class AuditQuery(PageQuery):
    """Which entries."""

    tenant: UUID | None = None
    actor: Annotated[str | None, Field(max_length=200)] = None
    action: Annotated[str | None, Field(max_length=100, description="An action, such as `tenant.create`.")] = None


class Finding(BaseModel, from_attributes=True):
    """What is wrong with the record, and with which entry."""

    sequence: int
    what: str


class Verified(BaseModel):
    """What came of checking every entry, also against what was noted outside the database."""

    intact: bool
    entries: int
    findings: list[Finding]


@endpoint(
    admin_audit,
    "",
    "GET",
    Rules(needs=HousePermission.READ_AUDIT, gives={200: Page[Entry]}),
    query=AuditQuery,
)
async def list_entries(query: AuditQuery) -> Page[Entry]:
    """List what was done, the latest first."""
    found = AuditEntry.all() if query.after is None else AuditEntry.filter(sequence__lt=_sequence(query.after))
    wanted = {"tenant": query.tenant, "actor": query.actor, "action": query.action}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    rows = await found.order_by("-sequence").limit(query.limit + 1)
    shown = [Entry.model_validate(row) for row in rows[: query.limit]]
    return Page[Entry](items=shown, next=cursor_of(str(shown[-1].sequence)) if len(rows) > query.limit else None)


@endpoint(
    admin_audit,
    "/check",
    "POST",
    Rules(needs=HousePermission.READ_AUDIT, rate=RateClass.SEARCH, gives={200: Verified}),
)
async def check_audit() -> Verified:
    """Check every entry of the record."""
    found = await verify(Witness(shell().house.settings.witness).heads())
    findings = [Finding.model_validate(each) for each in found.findings]
    return Verified(intact=found.is_intact, entries=found.entries, findings=findings)


def _sequence(after: str) -> int:
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise InvalidInput("is no cursor that was given out", path="cursor")
    return int(after)
