"""The audit: who did what to what, in entries that nobody changes, each holding the digest of the one before.

What is to be audited does not happen when its entry can't be written. Deeds in the control plane are done within
``audited``: deed and entry are one transaction. For what happens elsewhere (a secret is handed out) ``record`` comes
first, and what it tells of only after it returned.

The chain shows what was altered, removed or put in between. Its end is kept in ``audit_head``, a table of its own,
where writers queue up: entries cut off at the end are missed there. Who may write both tables can make a whole new
chain; against that the head is noted from time to time outside the database (``tenants.control.witness``).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from tenants.control.audit_chain import Head, digest_of
from tenants.control.audit_details import Detail, check_details, check_text
from tenants.control.database import ALIAS, DATABASE_ERRORS
from tenants.control.failures import AuditBroken
from tenants.control.models.audit import AuditEntry, AuditHead


async def record(actor: str, action: str, target: str, tenant: UUID | None = None, **details: Detail) -> AuditEntry:
    """Append an entry. In a transaction it stands and falls with it: then call it last, for others wait behind it.

    ``actor`` and ``target`` name what they are by kind and id (``user:…``, ``tenant:…``), ``action`` is a verb with its
    noun (``tenant.suspend``). Raise ``InvalidInput`` for what can't be kept, or looks like a secret, ``AuditBroken``
    where nothing can be written.
    """
    check_text("actor", actor, longest=200)
    check_text("action", action, longest=100)
    check_text("target", target, longest=300)
    check_details(details)
    try:
        async with in_transaction(ALIAS) as transaction:
            # The update comes first: who holds this row is the one who appends.
            heads = await transaction.execute_query_dict(
                'UPDATE "audit_head" SET "sequence" = "sequence" + 1 WHERE "id" = 1 RETURNING "sequence", "digest"'
            )
            if not heads:
                raise AuditBroken("the audit has lost its head")
            entry = AuditEntry(
                sequence=heads[0]["sequence"],
                at=datetime.now(UTC),
                actor=actor,
                tenant=tenant,
                action=action,
                target=target,
                details=details,
                previous=heads[0]["digest"],
            )
            entry.digest = digest_of(entry)
            await entry.save(force_create=True)
            await AuditHead.filter(id=1).update(digest=entry.digest)
            return entry
    except DATABASE_ERRORS as err:
        raise AuditBroken(f"{action} can't be audited, so it is not done: {err}") from err


@asynccontextmanager
async def audited(
    actor: str, action: str, target: str, tenant: UUID | None = None, **details: Detail
) -> AsyncIterator[None]:
    """Do something in the control plane and record it, both or neither. Arguments and errors as ``record``."""
    async with in_transaction(ALIAS):
        yield
        await record(actor, action, target, tenant, **details)


async def head() -> Head:
    """Return the last entry's place and digest."""
    row = await AuditHead.get_or_none(id=1)
    if row is None:
        raise AuditBroken("the audit has lost its head")
    return Head(sequence=row.sequence, digest=row.digest)
