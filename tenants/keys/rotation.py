"""Rotation of the master key: every tenant's key is wrapped anew; no vault is touched."""

from dataclasses import dataclass
from uuid import UUID

from tenants.keys.failures import Tampered, WrongMaster
from tenants.keys.master import MasterKey
from tenants.keys.masters import Masters
from tenants.keys.rows import WrappedKeys

PAGE = 100
MOST_PASSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A key that could not be wrapped anew, and the error's code."""

    tenant: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation did. When it is complete, no key needs an older master key; else run it again.

    ``rewrapped`` counts keys. A refused one is left as it was: it was changed, or its master key was not given.
    """

    rewrapped: int
    refused: tuple[Refused, ...]
    is_complete: bool


async def rewrap_all(rows: WrappedKeys, masters: Masters, to: MasterKey) -> Rotation:
    """Wrap every key by ``to`` that is not yet, page by page, until a pass through the store finds none.

    Several passes, because keys may be made or wrapped by others meanwhile; no more than five, so that two rotations to
    different master keys end.
    """
    rewrapped = 0
    for _ in range(MOST_PASSES):
        found, done, refused = await _pass(rows, masters, to)
        rewrapped += done
        if found == len(refused):
            return Rotation(rewrapped=rewrapped, refused=refused, is_complete=not refused)
    return Rotation(rewrapped=rewrapped, refused=refused, is_complete=False)


async def _pass(rows: WrappedKeys, masters: Masters, to: MasterKey) -> tuple[int, int, tuple[Refused, ...]]:
    """Return how many keys were found, how many of them wrapped anew, and the refused ones."""
    found = done = 0
    refused: list[Refused] = []
    after: tuple[UUID, int] | None = None
    while page := await rows.not_wrapped_by(to.id, after=after, limit=PAGE):
        for row in page:
            try:
                rewrapped = await masters.rewrap(row, by=to)
            except (Tampered, WrongMaster) as err:
                refused.append(Refused(tenant=row.tenant, version=row.version, code=err.code))
                continue
            done += await rows.replace_wrap(
                row.tenant,
                row.version,
                expected_wrap_version=row.wrap_version,
                wrapped=rewrapped.wrapped,
                master_id=rewrapped.master_id,
            )
        found += len(page)
        after = (page[-1].tenant, page[-1].version)
    return found, done, tuple(refused)
