"""The audit's check: reads the whole chain and tells everything that is wrong with it."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from tortoise.connection import get_connection

from tenants.control.audit_chain import EMPTY, Head, faults_of
from tenants.control.database import ALIAS, DATABASE_ERRORS
from tenants.control.models.audit import AuditEntry

_READ_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, and with which entry."""

    sequence: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of a check: ``entries`` were read, the last one is ``reached``."""

    entries: int
    reached: Head
    findings: tuple[Finding, ...]

    @property
    def is_intact(self) -> bool:
        """True when every entry is there as it was written."""
        return not self.findings


async def verify(known: Iterable[Head] = ()) -> Verification:
    """Check every entry by itself, against the one before, the head, and heads that are ``known`` from elsewhere.

    Entries may be appended meanwhile: the check ends with what was the last one as it began.
    """
    head, last = await _ends()
    seen_elsewhere = {one.sequence: one for one in known}
    findings: list[Finding] = []
    entries, reached = 0, EMPTY
    async for sequence, entry in _read(last):
        entries += 1
        if entry is None:
            findings.append(Finding(sequence=sequence, what="can't be read"))
            reached = Head(sequence=sequence, digest="")
        else:
            findings += [Finding(sequence=sequence, what=what) for what in faults_of(entry, reached)]
            reached = Head(sequence=sequence, digest=entry.digest)
        if seen_elsewhere.pop(sequence, reached) != reached:
            findings.append(Finding(sequence=sequence, what="is not the entry that was noted outside the database"))
    findings += [
        Finding(sequence=noted, what="was noted outside the database and is gone")
        for noted in sorted(seen_elsewhere)
        if noted > 0
    ]
    if head != reached:
        findings.append(
            Finding(
                sequence=reached.sequence,
                what="is the last entry, but the head is gone" if head is None else f"is not the head, {head.sequence}",
            )
        )
    return Verification(entries=entries, reached=reached, findings=tuple(findings))


async def _ends() -> tuple[Head | None, int]:
    """Return the head and the last entry's sequence, of one and the same moment."""
    rows = await get_connection(ALIAS).execute_query_dict(
        'SELECT "e"."last", "h"."sequence", "h"."digest"'
        ' FROM (SELECT coalesce(max("sequence"), 0) AS "last" FROM "audit_entries") AS "e"'
        ' LEFT JOIN "audit_head" AS "h" ON "h"."id" = 1'
    )
    row = rows[0]
    head = None if row["digest"] is None else Head(sequence=row["sequence"], digest=row["digest"])
    return head, row["last"]


async def _read(last: int) -> AsyncIterator[tuple[int, AuditEntry | None]]:
    """Read the entries up to ``last`` in order; None is one that holds what no entry can hold."""
    after = 0
    while True:
        rest = AuditEntry.filter(sequence__gt=after, sequence__lte=last).order_by("sequence").limit(_READ_AT_ONCE)
        sequences: list[int] = [row[0] for row in await rest.values_list("sequence")]
        if not sequences:
            return
        after = sequences[-1]
        entries = {entry.sequence: entry for entry in await _readable(sequences)}
        for sequence in sequences:
            yield sequence, entries.get(sequence)


async def _readable(sequences: list[int]) -> list[AuditEntry]:
    try:
        return await AuditEntry.filter(sequence__in=sequences)
    except (*DATABASE_ERRORS, ValueError, TypeError):
        if len(sequences) == 1:
            return []
        middle = len(sequences) // 2
        return await _readable(sequences[:middle]) + await _readable(sequences[middle:])
