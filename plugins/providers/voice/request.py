"""What is asked for: a voice asset's id."""

from dataclasses import dataclass
from enum import StrEnum

from core.api import InvalidInput, did_you_mean
from plugins.providers.queries import parse_number, parse_query

MAX_TEXT = 20_000
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
    """Read ``speech?text=…&key=value`` or ``captions?…``; raise ``InvalidInput`` naming what is wrong."""
    form, _, query = asset_id.partition("?")
    if form not in set(Form):
        raise InvalidInput(f'unknown "{form}"{did_you_mean(form, Form)}; one of {", ".join(Form)}', hint=HINT)
    given = parse_query(query, KEYS, hint=HINT)
    text = given.get("text", "").strip()
    if not text:
        raise InvalidInput("there is nothing to say", path="text", hint=HINT)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"must have at most {MAX_TEXT} characters, not {len(text)}", path="text")
    numbers = {key: parse_number(key, given[key], *RANGES[key]) for key in RANGES if key in given}
    return Form(form), SpeechRequest(text=text, voice=given.get("voice", "").strip(), **numbers)
