"""Access: what a client needs of an open file."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

ALIAS = "vault"
"""The name of the connection, and of the Tortoise app, everywhere: models are the process's, not a tenant's."""

type Raw = Any
"""A connection of the driver (``sqlcipher3.dbapi2.Connection``), which has no types. Stays in its thread."""


class Access(Protocol):
    """The right to use an open file, for a time."""

    @property
    def lock(self) -> asyncio.Lock:
        """Held for a statement or a transaction: the file has one connection, which all of its clients share."""

    @property
    def is_ended(self) -> bool:
        """True when the time is over."""

    async def run[Result](self, errand: Callable[[Raw], Result]) -> Result:
        """Do something to the file. Raise ``VaultClosed`` when the time is over, and what ``translated`` raises."""

    async def run_surely[Result](self, errand: Callable[[Raw], Result]) -> Result:
        """Do it in its turn whatever happens: when who waits is cancelled, and when the time is over."""
