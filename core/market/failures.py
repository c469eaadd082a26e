"""What the market refuses."""

from http import HTTPStatus

from core.api import InvalidInput, ReelhouseError


class WheelRefused(InvalidInput):
    """A file is no wheel of a plugin, or one that may not be installed."""

    code = "wheel_refused"


class Untrusted(ReelhouseError):
    """Nobody who is trusted vouches for what this holds: it is unsigned, changed, or signed by somebody else."""

    code = "untrusted"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class Conflicting(ReelhouseError):
    """What the plugin needs can't be had beside what the host, or another plugin, has."""

    code = "plugin_conflicts"
    status = HTTPStatus.CONFLICT


class NotConsented(ReelhouseError):
    """The consent that was given is not to what would be installed."""

    code = "not_consented"
    status = HTTPStatus.CONFLICT


class Unhealthy(ReelhouseError):
    """The plugin does not pass its own contract here. What was installed before stays in use."""

    code = "plugin_unhealthy"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
