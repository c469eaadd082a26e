"""Ids that are requests, ``form?key=value&…``: read leniently, because people write sentences into them."""

import re
from collections.abc import Collection
from math import isfinite
from urllib.parse import unquote_plus

from core.api import InvalidInput, did_you_mean

_KEY = re.compile(r"([a-z_]+)=(.*)", re.DOTALL)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def parse_query(query: str, keys: Collection[str], *, hint: str) -> dict[str, str]:
    """Read ``key=value&…``; raise ``InvalidInput`` naming what is wrong.

    An ``&`` that no ``key=`` follows belongs to the text. A value is percent-decoded when it has an escape and no
    white space; a ``+`` then is a space.
    """
    given = _split(query, hint=hint)
    unknown = next((key for key in given if key not in keys), None)
    if unknown is not None:
        raise InvalidInput(f'unknown key "{unknown}"{did_you_mean(unknown, keys)}', path=unknown, hint=hint)
    return given


def parse_number(key: str, text: str, low: float, high: float) -> float:
    """Read a number between ``low`` and ``high``; raise ``InvalidInput``."""
    try:
        value = float(text)
    except ValueError as err:
        raise InvalidInput(f'must be a number, not "{text}"', path=key) from err
    if not isfinite(value) or not low <= value <= high:
        raise InvalidInput(f"must lie between {low:g} and {high:g}, not {text}", path=key)
    return value


def _split(query: str, *, hint: str) -> dict[str, str]:
    given: dict[str, str] = {}
    last = ""
    for part in query.split("&"):
        pair = _KEY.fullmatch(part)
        if pair:
            last = pair[1]
            if last in given:
                raise InvalidInput(f'"{last}" is given twice', path=last, hint=hint)
            given[last] = pair[2]
        elif last:
            given[last] += f"&{part}"
        elif part:
            raise InvalidInput(f'expected key=value, not "{part}"', hint=hint)
    return {key: _decode(value, hint=hint) for key, value in given.items()}


def _decode(value: str, *, hint: str) -> str:
    if not _ESCAPE.search(value) or re.search(r"\s", value):
        return value
    try:
        return unquote_plus(value, errors="strict")
    except UnicodeDecodeError as err:
        raise InvalidInput("percent-encoded text must be UTF-8", hint=hint) from err
