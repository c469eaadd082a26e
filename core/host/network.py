"""The network as plugins have it: what their manifests declare, where ``plugins.toml`` grants it."""

from collections.abc import Iterator

import httpx2
from hishel import AsyncBaseStorage

from core.api import HttpClient, Values
from core.egress.client import GuardedClient
from core.egress.policy import Policy
from core.host.manifest import ANY_HOST, FROM_CONFIG
from core.host.plugin import HostedPlugin
from core.host.settings import NetworkSettings

_PORTS = {"https": 443, "http": 80}


def granted_http(
    plugin: HostedPlugin, values: Values, network: NetworkSettings, kept: AsyncBaseStorage
) -> HttpClient | None:
    """Return a client for the hosts that a plugin declares; None where it declares none or was not granted any.

    What is Reelhouse's own is granted unless ``plugins.toml`` says otherwise, what is not only where it says so.
    ``kept`` holds the answers that may be given again.
    """
    is_granted = plugin.found.is_first_party if plugin.settings.net is None else plugin.settings.net
    if not is_granted or plugin.found.manifest is None or not plugin.found.manifest.net:
        return None
    declared = plugin.found.manifest.net
    hosts = None if ANY_HOST in declared else frozenset(_hosts(declared, values))
    return GuardedClient(Policy(hosts=hosts, allowed=network.allowed, plain=network.plain), kept=kept)


def named_in_config(plugin: HostedPlugin) -> frozenset[str]:
    """Return the names of the parameters that give hosts of a plugin's."""
    declared = plugin.found.manifest.net if plugin.found.manifest else ()
    return frozenset(each.removeprefix(FROM_CONFIG) for each in declared if each.startswith(FROM_CONFIG))


def _hosts(declared: tuple[str, ...], values: Values) -> Iterator[str]:
    for each in declared:
        if not each.startswith(FROM_CONFIG):
            yield each
        elif place := _place(values.values.get(each.removeprefix(FROM_CONFIG))):
            yield place


def _place(written: object) -> str | None:
    """Return ``host:port`` of an address; None for what is none: no host is reached then."""
    if not isinstance(written, str):
        return None
    try:
        url = httpx2.URL(written if "://" in written else f"https://{written}")
    except httpx2.InvalidURL:
        return None
    return f"{url.raw_host.decode('ascii')}:{url.port or _PORTS.get(url.scheme, 0)}" if url.raw_host else None
