"""What can go wrong with a tenant's plugins.

ReelhouseError
├── NotFound
│   └── PluginNotEnabled       the plugin is not in the tenant's set
├── PluginWithdrawn            an administrator, or the installation, keeps the plugin from everybody
└── InvalidInput
    └── PluginConfigInvalid    a configuration does not fit what the plugin declares
"""

from collections.abc import Iterable

from core.api import InvalidInput, NotFound, ReelhouseError


class PluginNotEnabled(NotFound):
    """The plugin is not in the tenant's set."""

    code = "plugin_not_enabled"


class PluginWithdrawn(ReelhouseError):
    """An administrator, or the installation, keeps the plugin from everybody: a tenant can't enable it."""

    code = "plugin_withdrawn"
    status = 409


class PluginConfigInvalid(InvalidInput):
    """A configuration does not fit what the plugin declares; ``complaints`` has everything, each with its path."""

    code = "plugin_config_refused"

    def __init__(self, complaints: Iterable[InvalidInput]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(
            "; ".join(f"{complaint.path} {complaint}" for complaint in self.complaints), path=self.complaints[0].path
        )
