"""The commands there are: each is imported when it is called, so that none waits for what it does not need."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

Command = TyperCommand | TyperGroup

MODULES: Mapping[str, str] = {
    "serve": "serving",
    "render": "timelines",
    "check": "timelines",
    "frame": "timelines",
    "probe": "timelines",
    "schema": "timelines",
    "doctor": "doctor",
    "plugin": "plugins",
    "market": "market",
    "tenant": "tenants",
    "user": "users",
    "key": "keys",
    "seal": "sealing",
    "unseal": "sealing",
    "backup": "backups",
}
"""By command or group of commands: the module here whose ``app`` holds it, or is it."""


class Commands(Mapping[str, Command]):
    """All commands by name, in the order in which help shows them."""

    def __getitem__(self, name: str) -> Command:
        """Return a command, importing its module; raise ``KeyError`` for one that there is not."""
        module: Any = import_module(f"webshell.cli.{MODULES[name]}")
        group = get_group(module.app)
        return group if group.name == name else cast("Command", group.commands[name])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(MODULES)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(MODULES)
