"""What is asked for: a text and how it is spoken."""

from dataclasses import dataclass

from core.api import InvalidInput, did_you_mean
from plugins.providers.queries import parse_number, parse_query
from plugins.providers.voice.request import Form

MOST_CHARACTERS = 10_000
SLOWEST, FASTEST = 0.7, 1.2
_HINT = "write speech?text=Hello there.&voice=George&rate=1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """A text to be spoken. ``voice`` is empty for the configured one; ``rate`` 1 is the voice's own pace."""

    text: str
    voice: str = ""
    rate: float = 1.0


def parse_request(asset_id: str) -> tuple[Form, SpeechRequest]:
    """Read ``speech?text=…&key=value`` or ``captions?…``; raise ``InvalidInput`` naming what is wrong."""
    form, _, query = asset_id.partition("?")
    if form not in set(Form):
        raise InvalidInput(f'unknown "{form[:100]}"{did_you_mean(form, Form)}; one of {", ".join(Form)}', hint=_HINT)
    given = parse_query(query, ("text", "voice", "rate"), hint=_HINT)
    text = given.get("text", "").strip()
    if not 0 < len(text) <= MOST_CHARACTERS:
        raise InvalidInput(f"must have 1 to {MOST_CHARACTERS} characters, not {len(text)}", path="text", hint=_HINT)
    rate = parse_number("rate", given.get("rate", "1"), SLOWEST, FASTEST)
    return Form(form), SpeechRequest(text=text, voice=given.get("voice", "").strip(), rate=rate)
