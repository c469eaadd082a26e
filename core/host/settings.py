"""The settings in ``plugins.toml``: which plugins this installation loads, and how."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from core.api import InvalidInput, JsonValue, did_you_mean
from core.host.deadlines import Deadlines

FILENAME = "plugins.toml"
PATH_VARIABLE = "REELHOUSE_PLUGINS"
SAFE_MODE_VARIABLE = "REELHOUSE_SAFE_MODE"

_PLUGIN_KEYS = ("enabled", "config", "deadline", "net", "secrets")
_DEADLINE_KEYS = tuple(each.name for each in fields(Deadlines))


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSettings:
    """What is set for one plugin. ``config`` is the configuration of its providers and stores, unchecked as yet.

    ``net`` grants or refuses it the hosts that its manifest declares; None leaves it at what holds for its kind (see
    ``granted_http``). ``secrets`` are those of the installation, by the names in the manifest.
    """

    is_enabled: bool = True
    config: Mapping[str, JsonValue] = field(default_factory=dict)
    net: bool | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    deadlines: Deadlines = field(default_factory=Deadlines)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """What plugins may reach beside the public internet: networks, and hosts (``host:port``) also without TLS."""

    allowed: tuple[IPv4Network | IPv6Network, ...] = ()
    plain: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``plugins.toml`` says. ``loads_unlisted`` holds for plugins that it does not name."""

    plugins: Mapping[str, PluginSettings] = field(default_factory=dict)
    loads_unlisted: bool = True
    network: NetworkSettings = field(default_factory=NetworkSettings)

    def of(self, plugin_id: str) -> PluginSettings:
        """Return a plugin's settings, whether it is listed or not."""
        return self.plugins.get(plugin_id) or PluginSettings(is_enabled=self.loads_unlisted)


def find_settings(home: Path) -> Path | None:
    """Return the file to read: ``REELHOUSE_PLUGINS``, else the home's, else that of the source tree; or None."""
    named = os.environ.get(PATH_VARIABLE)
    if named:
        return Path(named).expanduser()
    in_source = Path(__file__).resolve().parents[2]
    return next((path / FILENAME for path in (home, in_source) if (path / FILENAME).is_file()), None)


def read_settings(path: Path) -> Settings:
    """Read a ``plugins.toml``; raise ``InvalidInput`` that names the key at fault."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise InvalidInput(f"can't be read: {err.strerror}", path=str(path)) from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise InvalidInput(f"{path.name} is not TOML: {err}", path=str(path)) from err
    _refuse_unknown(document, ("defaults", "network", "plugins"), "")
    defaults = _table(document, "defaults", "")
    _refuse_unknown(defaults, ("unlisted",), "defaults.")
    unlisted = defaults.get("unlisted", "enabled")
    if unlisted not in ("enabled", "disabled"):
        raise InvalidInput(f'must be "enabled" or "disabled", not {unlisted!r}', path="defaults.unlisted")
    return Settings(
        plugins={
            plugin_id: _plugin(listed, f'plugins."{plugin_id}"')
            for plugin_id, listed in _table(document, "plugins", "").items()
        },
        loads_unlisted=unlisted == "enabled",
        network=_network(_table(document, "network", "")),
    )


def _network(given: Mapping[str, JsonValue]) -> NetworkSettings:
    _refuse_unknown(given, ("allowed", "plain"), "network.")
    try:
        allowed = tuple(ip_network(each) for each in _texts(given, "allowed"))
    except ValueError as err:
        raise InvalidInput(f"network.allowed: {err}", path="network.allowed") from err
    return NetworkSettings(allowed=allowed, plain=frozenset(_texts(given, "plain")))


def _texts(given: Mapping[str, JsonValue], name: str) -> list[str]:
    listed = given.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise InvalidInput(f"network.{name} must be a list of texts, not {listed!r}", path=f"network.{name}")
    return [each for each in listed if isinstance(each, str)]


def _plugin(listed: object, path: str) -> PluginSettings:
    if not isinstance(listed, dict):
        raise InvalidInput(f"{path} must be a table like {{ enabled = true }}, not {listed!r}", path=path)
    _refuse_unknown(listed, _PLUGIN_KEYS, f"{path}.")
    is_enabled = listed.get("enabled", True)
    if not isinstance(is_enabled, bool):
        raise InvalidInput(f"{path}.enabled must be true or false, not {is_enabled!r}", path=f"{path}.enabled")
    net = listed.get("net")
    if net is not None and not isinstance(net, bool):
        raise InvalidInput(f"{path}.net must be true or false, not {net!r}", path=f"{path}.net")
    secrets = _table(listed, "secrets", f"{path}.")
    for name, value in secrets.items():
        if not isinstance(value, str):
            raise InvalidInput(f"{path}.secrets.{name} must be a text", path=f"{path}.secrets.{name}")
    return PluginSettings(
        is_enabled=is_enabled,
        net=net,
        secrets={name: value for name, value in secrets.items() if isinstance(value, str)},
        config=_table(listed, "config", f"{path}."),
        deadlines=_deadlines(_table(listed, "deadline", f"{path}."), f"{path}.deadline."),
    )


def _deadlines(given: Mapping[str, JsonValue], path: str) -> Deadlines:
    _refuse_unknown(given, _DEADLINE_KEYS, path)
    seconds: dict[str, float] = {}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            where = f"{path}{name}"
            raise InvalidInput(f"{where} must be a number of seconds above 0, not {value!r}", path=where)
        seconds[name] = float(value)
    return replace(Deadlines(), **seconds)


def _table(document: dict[str, object], name: str, path: str) -> dict[str, JsonValue]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise InvalidInput(f"{path}{name} must be a table, not {table!r}", path=f"{path}{name}")
    return table


def _refuse_unknown(table: Mapping[str, object], known: tuple[str, ...], path: str) -> None:
    for name in table:
        if name not in known:
            raise InvalidInput(f"{path}{name} is an unknown key{did_you_mean(name, known)}", path=f"{path}{name}")
