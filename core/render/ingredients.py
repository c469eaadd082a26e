"""Ingredients: what materials are made from in a process of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.api import MediaError
from core.host.host import PluginHost
from core.host.kinds import DRAWN_WITH
from core.media.layers.opening import Materials
from core.media.text.fonts import FontLibrary
from core.timeline.plan import MediaFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """Files by what they are called in a plan, contributions with their versions, folders of fonts."""

    media: Mapping[str, MediaFile]
    versions: Mapping[str, str]
    font_folders: tuple[Path, ...] = ()

    @classmethod
    def of(cls, materials: Materials) -> Self:
        """Say what materials are made from."""
        return cls(
            media=materials.media,
            versions=materials.catalogue.versions,
            font_folders=materials.fonts.folders,
        )

    @property
    def paths(self) -> tuple[Path, ...]:
        """What has to be readable."""
        return (*(file.path for file in self.media.values()), *self.font_folders)

    def materials(self, host: PluginHost) -> Materials:
        """Make the materials with a process's own plugins. Raise ``MediaError`` when some are of another version."""
        catalogue = host.catalogue(frozenset(self.versions), kinds=DRAWN_WITH)
        wanted = _plugins(self.versions)
        others = [name for name, here in _plugins(catalogue.versions).items() if wanted.get(name, here) != here]
        if others:
            raise MediaError(
                f"the worker has another version of {', '.join(others)}",
                hint="install the same plugins on all machines",
            )
        return Materials(
            media=self.media,
            catalogue=catalogue,
            fonts=FontLibrary(self.font_folders),
        )


def _plugins(versions: Mapping[str, str]) -> dict[str, str]:
    """Return the plugins that a catalogue's ``versions`` tell of, each with its version."""
    told = {each for text in versions.values() for each in text.split(" + ")}
    return {name: version for name, _, version in (each.rpartition(" ") for each in sorted(told))}
