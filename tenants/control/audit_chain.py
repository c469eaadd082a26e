"""The audit's chain: what an entry's digest covers, and how an entry is held against the one before."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from tenants.control.models.audit import AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Head:
    """The last entry at some time: who has seen it knows that the chain goes through it."""

    sequence: int
    digest: str


EMPTY = Head(sequence=0, digest="0" * 64)
"""The head of a chain without entries: what the first one is appended to."""


def digest_of(entry: AuditEntry) -> str:
    """Return the SHA-256 over all that an entry says, its place and the digest before included, in hex."""
    said = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "tenant": str(entry.tenant) if entry.tenant else None,
        "action": entry.action,
        "target": entry.target,
        "details": entry.details,
        "previous": entry.previous,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def faults_of(entry: AuditEntry, before: Head) -> Iterator[str]:
    """Say what is wrong with an entry, given the one before."""
    if entry.digest != digest_of(entry):
        yield "was altered"
    if entry.sequence != before.sequence + 1:
        yield f"follows entry {before.sequence}: what was in between is gone"
    elif entry.previous != before.digest:
        yield "does not continue the entry before"
