"""What is asked for: something to be made of words."""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.api import InvalidInput, did_you_mean
from plugins.providers.queries import parse_number, parse_query

MOST_SPOKEN = 4096
MOST_PROMPT = 32_000
_SIZE = re.compile(r"auto|[1-9][0-9]{2,3}x[1-9][0-9]{2,3}")
_HINT = "write text?prompt=…, speech?text=…&voice=alloy&rate=1 or image?prompt=…&size=1536x1024"


class Form(StrEnum):
    """What is made."""

    TEXT = "text"
    SPEECH = "speech"
    IMAGE = "image"


_KEYS = {
    Form.TEXT: ("prompt", "format"),
    Form.SPEECH: ("text", "voice", "rate"),
    Form.IMAGE: ("prompt", "size"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for. ``prompt`` is what is to be spoken, drawn or answered.

    ``size`` is ``WIDTHxHEIGHT`` in pixels or ``auto``; ``is_json`` asks for a text that is a JSON object.
    """

    form: Form
    prompt: str
    voice: str = ""
    rate: float = 1.0
    size: str = "auto"
    is_json: bool = False


def parse_request(asset_id: str) -> Request:
    """Read ``form?key=value&…``; raise ``InvalidInput`` naming what is wrong."""
    word, _, query = asset_id.partition("?")
    if word not in set(Form):
        raise InvalidInput(f'unknown "{word[:100]}"{did_you_mean(word, Form)}; one of {", ".join(Form)}', hint=_HINT)
    form = Form(word)
    given = parse_query(query, _KEYS[form], hint=_HINT)
    key, most = ("text", MOST_SPOKEN) if form is Form.SPEECH else ("prompt", MOST_PROMPT)
    prompt = given.get(key, "").strip()
    if not 0 < len(prompt) <= most:
        raise InvalidInput(f"must have 1 to {most} characters, not {len(prompt)}", path=key, hint=_HINT)
    size = given.get("size", "auto")
    if not _SIZE.fullmatch(size):
        raise InvalidInput(f'must be like 1536x1024, or auto, not "{size[:50]}"', path="size", hint=_HINT)
    if given.get("format", "text") not in ("text", "json"):
        raise InvalidInput("must be text or json", path="format", hint=_HINT)
    return Request(
        form=form,
        prompt=prompt,
        voice=given.get("voice", "").strip(),
        rate=parse_number("rate", given.get("rate", "1"), 0.25, 4.0),
        size=size,
        is_json=given.get("format") == "json",
    )
