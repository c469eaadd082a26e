import json

import pytest

import core.api
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
from core.cage.told import TEXT_LIMIT, packed_error, unpacked_error

ERRORS = (
    ReelhouseError("wrong", hint="mend it"),
    InvalidInput("wrong", path="tracks[0]", hint="mend it"),
    NotFound("nowhere"),
    MediaError("can't be read", hint="another one"),
    PluginFailed(plugin="acme.x", contribution="blur", cause="it raised", path="tracks[1]"),
    PluginError("no"),
    NotReady("later", retry_after=2.5, hint="wait"),
    AuthFailed("no key"),
    ConfigInvalid("wrong", field="key"),
    CapabilityDenied("not granted"),
    Cancelled("stopped"),
)


def crossed(error: ReelhouseError) -> ReelhouseError:
    return unpacked_error(json.loads(json.dumps(packed_error(error))))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_crosses_with_its_class_message_and_fields(error: ReelhouseError) -> None:
    arrived = crossed(error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)


def test_every_error_of_the_sdk_crosses() -> None:
    named = {getattr(core.api, name) for name in core.api.__all__}
    errors = {each for each in named if isinstance(each, type) and issubclass(each, ReelhouseError)}
    assert {type(error) for error in ERRORS} == errors


def test_an_error_of_another_class_goes_as_the_nearest_that_may_cross() -> None:
    class TooLarge(MediaError):
        code = "too_large"

    arrived = crossed(TooLarge("16,385 pixels", hint="smaller"))
    assert type(arrived) is MediaError
    assert (str(arrived), arrived.hint) == ("16,385 pixels", "smaller")


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {"class": "OSError", "message": "x"},
        {"class": "SystemExit", "message": "x"},
        {"class": "InvalidInput", "message": "x", "path": ["x"]},
        {"class": "NotReady", "message": "x", "retry_after": "soon"},
        {"class": "NotReady", "message": "x", "retry_after": True},
    ],
)
def test_what_is_no_error_is_refused(payload: JsonValue) -> None:
    with pytest.raises(ValueError, match=r"error|field|time"):
        unpacked_error(payload)


def test_text_from_inside_steers_no_terminal_and_has_an_end() -> None:
    arrived = crossed(MediaError("red \x1b[31m\x07\nline" + "x" * TEXT_LIMIT, hint="\x1b]0;title\x07"))
    assert str(arrived).startswith("red [31m\nline")
    assert len(str(arrived)) <= TEXT_LIMIT
    assert arrived.hint == "]0;title"
