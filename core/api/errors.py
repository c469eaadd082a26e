"""The errors that cross Reelhouse's boundaries, and those a plugin may raise.

ReelhouseError                 root: code, status, hint
├── InvalidInput               the caller's document, file or option is wrong (exit code 2)
├── NotFound                   what was named does not exist
├── MediaError                 a media file can't be read, decoded or written
├── PluginFailed               a plugin did what it must not (raised, hung, returned a wrong type)
└── PluginError                what a plugin raises on purpose; drives recovery
    ├── NotReady               try again later (``retry_after`` seconds)
    ├── AuthFailed             the key is missing, wrong or expired
    ├── ConfigInvalid          a configuration field is wrong (``field``)
    ├── CapabilityDenied       the plugin used what it was not granted
    └── Cancelled              the work was stopped on request

Anything else that a plugin raises is a fault: the host attributes it to the plugin and goes on.
"""

from typing import ClassVar


class ReelhouseError(Exception):
    """Root of all errors that Reelhouse raises on purpose.

    ``code`` is stable and machine-readable, ``status`` the HTTP status it maps to, ``hint`` says what to do.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error be pickled as it is: workers in other processes raise it too."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[ReelhouseError], args: tuple[object, ...], state: dict[str, object]) -> ReelhouseError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InvalidInput(ReelhouseError):
    """The caller's document, file or option is wrong; ``path`` names the place."""

    code = "invalid_input"
    status = 422

    def __init__(self, message: str, *, path: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = path


class NotFound(ReelhouseError):
    """What was named does not exist."""

    code = "not_found"
    status = 404


class MediaError(ReelhouseError):
    """A media file can't be read, decoded or written."""

    code = "media_error"
    status = 422


class PluginFailed(ReelhouseError):
    """A plugin's fault, attributed: raised by the host and the engine, never by a plugin.

    ``path`` is the place in the timeline where the contribution is used, if there is one.
    """

    code = "plugin_failed"
    status = 502

    def __init__(self, *, plugin: str, contribution: str, cause: str, path: str | None = None) -> None:
        where = f"{path}: " if path else ""
        super().__init__(f"{where}{contribution} (plugin {plugin}) failed: {cause}")
        self.plugin = plugin
        self.contribution = contribution
        self.cause = cause
        self.path = path


class PluginError(ReelhouseError):
    """Raised by a plugin on purpose; the host reacts by kind and does not count it as a fault."""

    code = "plugin_error"
    status = 502


class NotReady(PluginError):
    """The service behind the plugin can't answer now; try again after ``retry_after`` seconds."""

    code = "plugin_not_ready"
    status = 503

    def __init__(self, message: str, *, retry_after: float = 30.0, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class AuthFailed(PluginError):
    """The key is missing, wrong or expired."""

    code = "plugin_auth_failed"
    status = 502


class ConfigInvalid(PluginError):
    """A configuration ``field`` is wrong."""

    code = "plugin_config_invalid"
    status = 422

    def __init__(self, message: str, *, field: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.field = field


class CapabilityDenied(PluginError):
    """The plugin used a service that its manifest does not declare or that was not granted."""

    code = "plugin_capability_denied"
    status = 403


class Cancelled(PluginError):
    """The work was stopped on request."""

    code = "cancelled"
    status = 409
