"""A plugin in the host's hands: what was found, what was set for it, and what has become of it."""

from core.api import API_VERSION
from core.host.blocking import NOTHING_BLOCKED, BlockList
from core.host.discovery import FoundPlugin
from core.host.kinds import Kind
from core.host.settings import SAFE_MODE_VARIABLE, PluginSettings
from core.host.state import PluginStatus


class HostedPlugin:
    """One plugin with its status. Not thread-safe: its owner locks.

    ``load_seconds`` is what its import took, None before. ``is_listed`` tells whether ``plugins.toml`` names it.
    """

    def __init__(
        self,
        found: FoundPlugin,
        settings: PluginSettings,
        *,
        is_listed: bool,
        is_safe_mode: bool = False,
        blocked: BlockList = NOTHING_BLOCKED,
    ) -> None:
        self.found = found
        self.settings = settings
        self.is_listed = is_listed
        self.status = PluginStatus.ENABLED
        self.cause = ""
        self.hint = ""
        self.load_seconds: float | None = None
        self._assess(blocked, is_safe_mode=is_safe_mode)

    @property
    def id(self) -> str:
        """The plugin's id."""
        return self.found.id

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all that its manifest says it contributes."""
        return self.found.manifest.ids if self.found.manifest else frozenset()

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of all that its manifest says it contributes."""
        return frozenset(self.found.manifest.contributes) if self.found.manifest else frozenset()

    def stop(self, status: PluginStatus, cause: str, hint: str = "") -> None:
        """Take it out of use."""
        self.status, self.cause, self.hint = status, cause, hint

    def _assess(self, blocked: BlockList, *, is_safe_mode: bool) -> None:
        """Take it out of use where its manifest, the settings, safe mode or the block list do."""
        manifest = self.found.manifest
        if manifest is None:
            self.stop(PluginStatus.INVALID, self.found.problem, "mend it or uninstall it; see docs/plugins.md")
        elif not self.settings.is_enabled:
            cause = "plugins.toml disables it" if self.is_listed else "plugins.toml does not list it"
            self.stop(PluginStatus.DISABLED, cause, "set enabled = true for it in plugins.toml")
        elif is_safe_mode and not self.found.is_first_party:
            self.stop(
                PluginStatus.DISABLED,
                "safe mode loads Reelhouse's own plugins alone",
                f"unset {SAFE_MODE_VARIABLE}",
            )
        elif blocked.holds(self.found.distribution, self.found.distribution_version):
            self.stop(PluginStatus.DISABLED, "it is on the block list of this installation", "see market/blocked.toml")
        elif not manifest.fits_this_api:
            self.stop(
                PluginStatus.INCOMPATIBLE,
                f"it asks for api {manifest.api} and this installation offers {API_VERSION}",
                "install a version of the plugin, or of Reelhouse, that fits",
            )
