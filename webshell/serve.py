"""The server: the one module that knows Hypercorn."""

import asyncio
import errno
import logging
from collections.abc import Callable

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.run import worker_serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework

from core.api import ReelhouseError
from webshell.forwarding import Forwarding
from webshell.settings import ServerSettings

GRACE_S = 3.0
"""How long answers that are under way at the end may take."""

_log = logging.getLogger(__name__)


class CannotListen(ReelhouseError):
    """The address can't be listened on."""

    code = "cannot_listen"


async def serve(
    app: ASGIFramework,
    settings: ServerSettings,
    *,
    stopping: asyncio.Event,
    started: Callable[[str], None] = lambda _url: None,
) -> None:
    """Answer requests until ``stopping`` is set; ``started`` is told the address as soon as it is listened on.

    Whoever streams ends when ``stopping`` is set. What is not over ``GRACE_S`` seconds later is cut off: Hypercorn
    itself would wait for the last connection without end. Raise ``CannotListen``.
    """
    config = _config(settings)
    try:
        sockets = config.create_sockets()
    except OSError as err:
        is_taken = err.errno == errno.EADDRINUSE
        raise CannotListen(
            f"port {settings.port} is taken" if is_taken else f"can't listen on {settings.host}: {err.strerror}",
            hint="Choose another one with --port, or end what uses it." if is_taken else None,
        ) from err
    [listener] = sockets.secure_sockets or sockets.insecure_sockets
    listener.set_inheritable(False)  # a worker that outlives the host must not keep the port
    listener.listen(config.backlog)
    framework = ASGIWrapper(Forwarding(app, settings.trusted_proxies))
    serving = asyncio.create_task(
        worker_serve(framework, config, sockets=sockets, shutdown_trigger=stopping.wait), name="server"
    )
    scheme = "https" if config.ssl_enabled else "http"
    started(settings.public_url or f"{scheme}://{_spoken(settings.host)}:{listener.getsockname()[1]}")
    ended = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([serving, ended], return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            await asyncio.wait([serving], timeout=GRACE_S)
    finally:
        ended.cancel()
        if not serving.done():
            _log.warning("connections that were still open have been cut off")
            serving.cancel()
            await asyncio.wait([serving])
    if not serving.cancelled():
        serving.result()


def _spoken(host: str) -> str:
    """Return what a browser on this machine calls a host that is listened on."""
    if host in {"0.0.0.0", "::", "127.0.0.1", "::1"}:  # noqa: S104 - compared, not listened on
        return "localhost"
    return _bracketed(host)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _config(settings: ServerSettings) -> Config:
    config = Config()
    config.bind = [f"{_bracketed(settings.host)}:{settings.port}"]
    config.certfile = str(settings.tls_certificate) if settings.tls_certificate else None
    config.keyfile = str(settings.tls_key) if settings.tls_key else None
    config.graceful_timeout = GRACE_S
    config.include_server_header = False
    config.accesslog = None
    config.errorlog = logging.getLogger("reelhouse.server")
    return config
