"""Cookies: the one that holds a session's secret."""

from quart import Request, request
from werkzeug.http import dump_cookie

from tenants.accounts.sessions import LONGEST

_NAME = "session"
_SECURE_NAME = "__Host-session"
"""Browsers take it from this very host alone, over TLS (RFC 6265bis, 4.1.3.2)."""


def session_secret(asked: Request) -> str | None:
    """Return the secret that a request's cookie holds."""
    return asked.cookies.get(_name(asked))


def session_cookie(secret: str) -> str:
    """Return the header that keeps a session's secret in the browser; an empty one forgets it."""
    return dump_cookie(
        _name(request),
        secret,
        max_age=LONGEST if secret else 0,
        path="/",
        secure=request.scheme == "https",
        httponly=True,
        samesite="Lax",
    )


def _name(asked: Request) -> str:
    return _SECURE_NAME if asked.scheme == "https" else _NAME
