"""Errors that cross the wire: those of ``core.api``, by name and plain fields."""

from collections.abc import Callable, Mapping
from typing import cast

from core.api import (
    AuthFailed,
    Cancelled,
    CapabilityDenied,
    ConfigInvalid,
    InvalidInput,
    JsonValue,
    MediaError,
    NotFound,
    NotReady,
    PluginError,
    PluginFailed,
    ReelhouseError,
)

TEXT_LIMIT = 20_000
"""Characters of an error's field; longer ones are cut."""

_FIELDS: Mapping[type[ReelhouseError], tuple[str, ...]] = {
    ReelhouseError: ("hint",),
    InvalidInput: ("path", "hint"),
    NotFound: ("hint",),
    MediaError: ("hint",),
    PluginFailed: ("plugin", "contribution", "cause", "path"),
    PluginError: ("hint",),
    NotReady: ("retry_after", "hint"),
    AuthFailed: ("hint",),
    ConfigInvalid: ("field", "hint"),
    CapabilityDenied: ("hint",),
    Cancelled: ("hint",),
}
_BY_NAME = {each.__name__: each for each in _FIELDS}


def packed_error(error: ReelhouseError) -> dict[str, JsonValue]:
    """Return an error as plain values. One of another class goes as the nearest class that may cross."""
    kind = next(each for each in type(error).__mro__ if each in _FIELDS)
    fields: dict[str, JsonValue] = {"class": kind.__name__, "message": str(error)[:TEXT_LIMIT]}
    for name in _FIELDS[kind]:
        value = getattr(error, name)
        fields[name] = value[:TEXT_LIMIT] if isinstance(value, str) else value
    return fields


def unpacked_error(payload: JsonValue) -> ReelhouseError:
    """Return the error that a job told of; raise ``ValueError`` for anything that is none."""
    if not isinstance(payload, dict):
        raise ValueError("an error that is no object")
    kind = _BY_NAME.get(str(payload.get("class")))
    if kind is None:
        raise ValueError("an error of no known class")
    fields: dict[str, object] = {}
    for name in _FIELDS[kind]:
        value = payload.get(name)
        if name == "retry_after":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError("a time to wait that is no number")
        elif isinstance(value, str):
            value = plain_text(value)
        elif value is not None:
            raise ValueError("an error's field that is no text")
        fields[name] = value
    if kind is PluginFailed:
        return PluginFailed(
            plugin=str(fields["plugin"]),
            contribution=str(fields["contribution"]),
            cause=str(fields["cause"]),
            path=cast("str | None", fields["path"]),
        )
    make = cast("Callable[..., ReelhouseError]", kind)
    return make(plain_text(str(payload.get("message"))), **fields)


def plain_text(text: str) -> str:
    """Return text from inside a cage without what steers terminals, and cut to a bounded length."""
    return "".join(each for each in text[:TEXT_LIMIT] if each.isprintable() or each in "\n\t")
