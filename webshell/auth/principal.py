"""Principals: who a request is from, and what they may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import cast
from uuid import UUID

from quart import g

from core.api import ReelhouseError

FRESH = timedelta(minutes=5)
"""How long after they proved who they are someone may do what needs that proof."""


class NotSignedIn(ReelhouseError):
    """The request is from nobody, and this is not for everybody."""

    code = "not_signed_in"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__("this needs you to sign in", hint="Send a session's cookie, an access token or an API token.")


class NotAllowed(ReelhouseError):
    """Who asks lacks the permission; ``permission`` names it."""

    code = "not_allowed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, permission: str) -> None:
        super().__init__(f"this needs the permission {permission}")
        self.permission = permission


class NotFresh(ReelhouseError):
    """Who asks must prove once more who they are: it was too long ago, or never was."""

    code = "not_fresh"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "this needs you to prove once more that it is you", hint="POST /api/v1/auth/prove, then try again."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: a user, in a tenant, through a session or an API token.

    ``proven`` is when they last proved who they are, None for API tokens. ``permissions`` are those of their role, less
    what the token leaves out.
    """

    user: UUID
    tenant: UUID | None
    permissions: frozenset[str]
    session: UUID | None = None
    token: UUID | None = None
    proven: datetime | None = None

    @property
    def actor(self) -> str:
        """How the audit calls them."""
        return f"user:{self.user}" if self.token is None else f"token:{self.token}"

    def require(self, permission: str) -> None:
        """Raise ``NotAllowed`` without a permission."""
        if permission not in self.permissions:
            raise NotAllowed(permission)

    def require_fresh(self, now: datetime) -> None:
        """Raise ``NotFresh`` unless they proved who they are within ``FRESH``."""
        if self.proven is None or now - self.proven > FRESH:
            raise NotFresh


def principal() -> Principal:
    """Return who the running request is from; raise ``NotSignedIn`` for nobody."""
    found = cast("Principal | None", g.get("principal"))
    if found is None:
        raise NotSignedIn
    return found


def is_signed_in() -> bool:
    """Tell whether the running request is from somebody known."""
    return g.get("principal") is not None


def person() -> UUID:
    """Return the session of who asks; raise ``NotSignedIn``, ``NotAllowed`` for a program with an API token."""
    found = principal().session
    if found is None:
        raise NotAllowed("session")
    return found


def tenant() -> UUID:
    """Return the tenant that the running request is for; raise ``NotSignedIn``, ``NotAllowed``."""
    found = principal().tenant
    if found is None:
        raise NotAllowed("tenant")
    return found
