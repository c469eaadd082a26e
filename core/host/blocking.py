"""The block list: plugins that must not be installed or loaded here, whoever asks.

``market/blocked.toml`` in the home: ``"acme.stock" = "*"`` blocks all of it, ``"acme.stock" = "<1.2"`` what is older.
Names are compared in canonical form (PEP 503): no other spelling gets around it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from core.api import InvalidInput, ReelhouseError

FILENAME = "blocked.toml"


class Blocked(ReelhouseError):
    """The plugin, or this version of it, is on the block list."""

    code = "plugin_blocked"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockList:
    """What is blocked: versions, by the canonical name of the plugin."""

    versions: Mapping[str, SpecifierSet]

    def holds(self, name: str, version: str) -> bool:
        """Tell whether a version of a plugin, or of a distribution, is on the list."""
        blocked = self.versions.get(canonicalize_name(name))
        return blocked is not None and blocked.contains(version, prereleases=True)

    def check(self, name: str, version: str) -> None:
        """Raise ``Blocked`` for what is on the list."""
        if self.holds(name, version):
            raise Blocked(f"{name} {version} is on the block list of this installation", hint=f"See {FILENAME}.")


NOTHING_BLOCKED = BlockList(versions={})


def read_block_list(folder: Path) -> BlockList:
    """Read the list in a folder; nothing is blocked where there is none. Raise ``InvalidInput``."""
    path = folder / FILENAME
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
        versions: dict[str, SpecifierSet] = {
            canonicalize_name(name): SpecifierSet("" if text == "*" else text) for name, text in listed.items()
        }
    except FileNotFoundError:
        versions = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, InvalidSpecifier, AttributeError) as err:
        raise InvalidInput(f"can't be read: {err}", path=str(path)) from err
    return BlockList(versions=versions)
