"""What a render needs of a host: the whole installation's, or what one tenant may use of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from core.api import Catalogue, FetchedAsset, Parameter, PluginFailed
from core.host.kinds import Kind
from core.host.listeners import Event


class Plugins(Protocol):
    """The plugins that may be used. ``PluginHost`` describes what each call does."""

    def catalogue(self, ids: Iterable[str] | None = None, *, kinds: Iterable[Kind] | None = None) -> Catalogue:
        """Return what they contribute."""

    def why_not(self, contribution_id: str) -> str | None:
        """Say why a contribution can't be used."""

    async def fetch(self, provider_id: str, asset_id: str, folder: Path, *, root: Path | None = None) -> FetchedAsset:
        """Bring one asset of a provider."""

    def check_file(self, parameter: Parameter, path: Path) -> None:
        """Let a plugin look at the file that is given for its parameter."""

    def record(self, failure: PluginFailed) -> None:
        """Count a failure that the engine met."""

    def emit(self, event: Event) -> None:
        """Tell those that listen."""
