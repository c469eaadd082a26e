"""What is asked for: a voice asset's id, read leniently because people write sentences into it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from urllib.parse import unquote_plus

from core.api import InvalidInput, did_you_mean

MAX_TEXT = 20_000
KEY = re.compile(r"([a-z_]+)=(.*)", re.DOTALL)
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
RANGES = {"rate": (0.5, 2.0), "lead": (0.0, 30.0), "tail": (0.0, 30.0), "gap": (0.0, 5.0)}
KEYS = ("text", "voice", *RANGES)
HINT = "write speech?text=Hello there.&voice=en_US-joe-medium&rate=1.0&lead=0.5&tail=0.5&gap=0.35"


class Form(StrEnum):
    """What is delivered."""

    SPEECH = "speech"
    CAPTIONS = "captions"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """A text to be spoken. ``voice`` is empty for the configured one; ``rate`` 1 is the voice's own pace.

    ``lead`` and ``tail`` are the silence before and after, ``gap`` that between sentences, in seconds.
    """

    text: str
    voice: str = ""
    rate: float = 1.0
    lead: float = 0.0
    tail: float = 0.0
    gap: float = 0.35


def parse_request(asset_id: str) -> tuple[Form, SpeechRequest]:
    """Read ``speech?text=…&key=value`` or ``captions?…``; raise ``InvalidInput`` naming what is wrong.

    An ``&`` that no ``key=`` follows belongs to the text. A value is percent-decoded when it has an escape and no
    white space; a ``+`` then is a space.
    """
    form, _, query = asset_id.partition("?")
    if form not in set(Form):
        raise InvalidInput(f'unknown "{form}"{did_you_mean(form, Form)}; one of {", ".join(Form)}', hint=HINT)
    given = _split(query)
    unknown = next((key for key in given if key not in KEYS), None)
    if unknown is not None:
        raise InvalidInput(f'unknown key "{unknown}"{did_you_mean(unknown, KEYS)}', path=unknown, hint=HINT)
    text = given.get("text", "").strip()
    if not text:
        raise InvalidInput("there is nothing to say", path="text", hint=HINT)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"must have at most {MAX_TEXT} characters, not {len(text)}", path="text")
    numbers = {key: _number(key, given[key]) for key in RANGES if key in given}
    return Form(form), SpeechRequest(text=text, voice=given.get("voice", "").strip(), **numbers)


def _split(query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    last = ""
    for part in query.split("&"):
        pair = KEY.fullmatch(part)
        if pair:
            last = pair[1]
            if last in given:
                raise InvalidInput(f'"{last}" is given twice', path=last, hint=HINT)
            given[last] = pair[2]
        elif last:
            given[last] += f"&{part}"
        elif part:
            raise InvalidInput(f'expected key=value, not "{part}"', hint=HINT)
    return {key: _decode(value) for key, value in given.items()}


def _decode(value: str) -> str:
    if not ESCAPE.search(value) or re.search(r"\s", value):
        return value
    try:
        return unquote_plus(value, errors="strict")
    except UnicodeDecodeError as err:
        raise InvalidInput("percent-encoded text must be UTF-8", hint=HINT) from err


def _number(key: str, text: str) -> float:
    low, high = RANGES[key]
    try:
        value = float(text)
    except ValueError as err:
        raise InvalidInput(f'must be a number, not "{text}"', path=key) from err
    if not isfinite(value) or not low <= value <= high:
        raise InvalidInput(f"must lie between {low:g} and {high:g}, not {text}", path=key)
    return value
