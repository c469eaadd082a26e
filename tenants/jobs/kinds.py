"""Kinds of jobs: what each takes, and who does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel


class Running[Payload: BaseModel](Protocol):
    """A job that is being done. It is cancelled (``asyncio.CancelledError``) where it is not to go on."""

    @property
    def job(self) -> UUID: ...

    @property
    def tenant(self) -> UUID: ...

    @property
    def payload(self) -> Payload: ...

    @property
    def attempt(self) -> int: ...

    def progress(self, fraction: float, message: str = "") -> None:
        """Tell how far it is, from 0 to 1, from any thread; it is kept and told once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind[Payload: BaseModel]:
    """A kind of job of tenants.

    ``do`` does one and returns its result, JSON. It may be begun again after it was killed at any moment; what it
    makes must appear once all the same. ``ended`` is told when a job of the kind has failed or was cancelled for good.
    """

    name: str
    payload: type[Payload]
    do: Callable[[Running[Payload]], Awaitable[Mapping[str, Any]]]
    ended: Callable[[UUID, UUID, Payload, str], Awaitable[None]]
    most: Callable[[UUID], Awaitable[int | None]] | None = None
