"""The wire between a caged job and its host: length-prefixed JSON, as the host must not unpickle what a job sends.

A message is four bytes of length (big-endian) and UTF-8 JSON of ``[kind, payload]``.
"""

import json
import struct
from collections.abc import Iterator
from typing import cast

from core.api import JsonValue

MESSAGE_LIMIT = 2**20
"""Bytes of one message. What is larger belongs into a file in the job's folder."""
TOTAL_LIMIT = 64 * 2**20
"""Bytes of all messages of a job."""
LEAST_COUNTED = 64
"""Bytes that the smallest message counts for: each costs its host time as well."""

TOLD, RESULT, ERROR, FAILURE = "told", "result", "error", "failure"
KINDS = (TOLD, RESULT, ERROR, FAILURE)

_LENGTH = struct.Struct("!I")


class BrokenMessage(ValueError):
    """What came is no message."""


def packed(kind: str, payload: object) -> bytes:
    """Return a message; raise ``TypeError`` or ``ValueError`` when the payload is not plain, or too large."""
    text = json.dumps([kind, payload], ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    if len(text) > MESSAGE_LIMIT:
        raise ValueError(f"a message of {len(text)} bytes; {MESSAGE_LIMIT} are allowed, more goes into files")
    return _LENGTH.pack(len(text)) + text


class Unpacker:
    """Cuts what a job sends into messages. It holds no more than one message, and trusts none."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._total = 0

    def feed(self, chunk: bytes) -> Iterator[tuple[str, JsonValue]]:
        """Yield the messages that ``chunk`` completes; raise ``BrokenMessage`` for anything else."""
        self._pending += chunk
        start = 0
        try:
            while len(self._pending) - start >= _LENGTH.size:
                [length] = _LENGTH.unpack_from(self._pending, start)
                if length > MESSAGE_LIMIT:
                    raise BrokenMessage(f"a message of {length} bytes")
                end = start + _LENGTH.size + length
                if len(self._pending) < end:
                    return
                text = bytes(self._pending[start + _LENGTH.size : end])
                start = end
                self._total += max(length, LEAST_COUNTED)
                if self._total > TOTAL_LIMIT:
                    raise BrokenMessage(f"more than {TOTAL_LIMIT} bytes of messages")
                yield _message(text)
        finally:
            del self._pending[:start]


def _message(text: bytes) -> tuple[str, JsonValue]:
    try:
        message = json.loads(text.decode(), parse_constant=_refuse_constant)
        if b"\\u" in text:
            # A lone surrogate would break whoever writes the text on; packing again finds it.
            json.dumps(message, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as err:
        raise BrokenMessage("what is no JSON") from err
    if not (isinstance(message, list) and len(message) == 2 and message[0] in KINDS):
        raise BrokenMessage("a message of no known kind")
    return message[0], cast("JsonValue", message[1])


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
