"""Origins: a browser may change something here only for pages of the house itself.

The rule is that of Go's ``http.CrossOriginProtection`` (https://pkg.go.dev/net/http#CrossOriginProtection): browsers
say where a request comes from (``Sec-Fetch-Site``, older ones ``Origin``); who says neither is no browser.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from quart import Quart, request

from core.api import ReelhouseError
from webshell.shell import shell

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignOrigin(ReelhouseError):
    """A page of somebody else's wants to change something here, in the name of who looks at it."""

    code = "foreign_origin"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("this came from a page of another site", hint="See the setting server.public_url.")


def refuse_foreign_origins(app: Quart) -> None:
    """Have unsafe requests refused that a browser sends for another site."""

    @app.before_request
    async def _refuse() -> None:
        if request.method not in _SAFE and not _is_own():
            raise ForeignOrigin


def _is_own() -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and origin == shell().settings.tables.server.public_url:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == request.host
