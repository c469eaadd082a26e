"""Slots: the places of open vaults in the pool, those that were used last at the end."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from tenants.vault.vault import OpenVault


@dataclass(slots=True, kw_only=True)
class Slot:
    """A vault's place. ``users`` counts scopes that use or await it; it ``is_leaving`` from when its closing begins."""

    tenant: UUID
    opening: asyncio.Task[OpenVault]
    users: int = 0
    used: float = 0.0
    closing: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """True if nobody uses it, and it can be closed."""
        return not self.users and self.opening.done() and self.closing is None


@dataclass(slots=True, kw_only=True)
class Slots:
    """All places, at most ``capacity``, and who waits for something to change."""

    capacity: int
    taken: OrderedDict[UUID, Slot] = field(default_factory=OrderedDict)
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.taken) >= self.capacity

    def longest_idle(self) -> Slot | None:
        """Return the idle one that was used the longest ago."""
        return next((slot for slot in self.taken.values() if slot.is_idle), None)

    async def change(self) -> None:
        """Wait until a place was given back, or is idle."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def changed(self) -> None:
        """Wake all who wait."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()
