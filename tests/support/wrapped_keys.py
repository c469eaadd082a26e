"""A store of wrapped keys in memory that keeps the protocol, for tests of what is built on it."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from tenants.keys import KeyState, WrappedKey


class WrappedKeysInMemory:
    """``rows`` may be looked at and spoiled; ``calls`` names what was asked, in order."""

    def __init__(self) -> None:
        self.rows: dict[tuple[UUID, int], WrappedKey] = {}
        self.calls: list[str] = []

    async def get(self, tenant: UUID, version: int) -> WrappedKey | None:
        self.calls.append("get")
        return self.rows.get((tenant, version))

    async def active(self, tenant: UUID) -> WrappedKey | None:
        self.calls.append("active")
        return next((row for place, row in self.rows.items() if place[0] == tenant and _is_active(row)), None)

    async def add(self, key: WrappedKey) -> bool:
        self.calls.append("add")
        if (key.tenant, key.version) in self.rows:
            return False
        for place, row in self.rows.items():
            if place[0] == key.tenant and _is_active(row):
                self.rows[place] = replace(row, state=KeyState.DECRYPT_ONLY)
        self.rows[key.tenant, key.version] = key
        return True

    async def replace_wrap(
        self, tenant: UUID, version: int, *, expected_wrap_version: int, wrapped: bytes, master_id: str
    ) -> bool:
        self.calls.append("replace_wrap")
        row = self.rows[tenant, version]
        if row.wrap_version != expected_wrap_version or row.state is KeyState.SHREDDED:
            return False
        self.rows[tenant, version] = replace(
            row, wrapped=wrapped, master_id=master_id, wrap_version=expected_wrap_version + 1
        )
        return True

    async def not_wrapped_by(
        self, master_id: str, *, after: tuple[UUID, int] | None, limit: int
    ) -> Sequence[WrappedKey]:
        self.calls.append("not_wrapped_by")
        others = sorted(
            place
            for place, row in self.rows.items()
            if row.master_id != master_id and row.state is not KeyState.SHREDDED and (after is None or place > after)
        )
        return [self.rows[place] for place in others[:limit]]

    async def shred(self, tenant: UUID) -> int:
        self.calls.append("shred")
        places = [place for place in self.rows if place[0] == tenant]
        for place in places:
            self.rows[place] = replace(self.rows[place], wrapped=b"", state=KeyState.SHREDDED)
        return len(places)


def _is_active(row: WrappedKey) -> bool:
    return row.state is KeyState.ACTIVE
