"""What the host hands to a plugin's asynchronous parts: what its manifest declares and was granted, no more."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.api.errors import AuthFailed, CapabilityDenied
from core.api.parameters import Values


class HttpResponse(Protocol):
    """An answer of the guarded client. Header names are lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


class HttpClient(Protocol):
    """The guarded client for outgoing requests: it reaches the hosts that the manifest names and no others."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        keep_s: float | None = None,
    ) -> HttpResponse:
        """Send one request; raise ``CapabilityDenied`` for another host, ``NotReady`` when there is no answer.

        A success may be given again without asking, as long as its headers allow (RFC 9111), or for ``keep_s`` seconds
        where the service's terms ask for that.
        """

    async def download(self, url: str, target: Path, *, headers: Mapping[str, str] | None = None) -> int:
        """Stream a body into a new file, whole or not at all; return its size in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginContext:
    """The services of one plugin for one tenant.

    ``config`` holds the plugin's configuration, checked against its parameters. ``folder`` is a folder of the
    plugin's own that outlives a call (for caches). ``root`` is the folder that ``file:`` names are relative to, where
    there is one. ``is_operators`` is False when a tenant gave the configuration: then the machine's own credentials and
    folders must not stand in for what it leaves out.
    """

    plugin_id: str
    folder: Path
    config: Values = field(default_factory=Values)
    root: Path | None = None
    is_operators: bool = True
    granted_http: HttpClient | None = None
    granted_secrets: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def log(self) -> logging.Logger:
        """A logger under the plugin's name."""
        return logging.getLogger(f"reelhouse.plugin.{self.plugin_id}")

    @property
    def http(self) -> HttpClient:
        """The guarded HTTP client; raise ``CapabilityDenied`` unless ``capabilities.net`` was declared and granted."""
        if self.granted_http is None:
            raise CapabilityDenied(
                f"{self.plugin_id} may not use the network",
                hint="declare capabilities.net in plugin.toml and have it granted",
            )
        return self.granted_http

    def secret(self, name: str) -> str:
        """Return a secret; raise ``CapabilityDenied`` if the manifest names it not, ``AuthFailed`` without a value."""
        if self.granted_secrets is None or name not in self.granted_secrets:
            raise CapabilityDenied(
                f'{self.plugin_id} may not read the secret "{name}"',
                hint="declare it in capabilities.secrets in plugin.toml",
            )
        if not self.granted_secrets[name]:
            raise AuthFailed(f"{self.plugin_id} has no {name} of yours", hint="add a key for it")
        return self.granted_secrets[name]
