import json
import struct

import pytest

from core.cage.wire import (
    ERROR,
    LEAST_COUNTED,
    MESSAGE_LIMIT,
    RESULT,
    TOLD,
    TOTAL_LIMIT,
    BrokenMessage,
    Unpacker,
    packed,
)


def raw(text: bytes) -> bytes:
    return struct.pack("!I", len(text)) + text


def test_messages_come_out_as_they_went_in_however_they_are_cut() -> None:
    sent = [(TOLD, {"frames": 3}), (TOLD, "Grüße \n\x1b"), (RESULT, [1, 2.5, None, True])]
    stream = b"".join(packed(kind, payload) for kind, payload in sent)
    for size in (1, 3, 7, len(stream)):
        unpacker = Unpacker()
        chunks = (stream[start : start + size] for start in range(0, len(stream), size))
        assert [message for chunk in chunks for message in unpacker.feed(chunk)] == sent


@pytest.mark.parametrize(
    "stream",
    [
        raw(b"{}"),
        raw(b"\xff\xfe"),
        raw(b"not json"),
        raw(b'["told"]'),
        raw(b'["told",1,2]'),
        raw(b'["other",1]'),
        raw(b'[["told"],1]'),
        raw(b'["told",NaN]'),
        raw(b'["told",-Infinity]'),
        raw(b'["told","\\ud800"]'),
        raw(b'["told",' + b"[" * 200_000 + b"]" * 200_000 + b"]"),
        raw(b'["told",' + b"9" * 5_000 + b"]"),
        struct.pack("!I", MESSAGE_LIMIT + 1),
        b"\xff\xff\xff\xff",
        raw(b""),
    ],
    ids=lambda stream: repr(stream[:16]),
)
def test_what_is_no_message_is_told_so(stream: bytes) -> None:
    with pytest.raises(BrokenMessage):
        list(Unpacker().feed(stream))


def test_half_a_message_waits_for_the_rest() -> None:
    unpacker = Unpacker()
    message = packed(ERROR, {})
    assert list(unpacker.feed(message[:-1])) == []
    assert list(unpacker.feed(message[-1:])) == [(ERROR, {})]


def drain(unpacker: Unpacker, chunk: bytes, *, times: int) -> None:
    for _ in range(times):
        list(unpacker.feed(chunk))


def test_a_flood_of_small_messages_ends() -> None:
    unpacker = Unpacker()
    chunk = packed(TOLD, "x" * 1000) * 60
    with pytest.raises(BrokenMessage, match=str(TOTAL_LIMIT)):
        drain(unpacker, chunk, times=10**6)
    tiny = Unpacker()
    chunk = packed(TOLD, 0) * 1000
    with pytest.raises(BrokenMessage, match=str(TOTAL_LIMIT)):
        drain(tiny, chunk, times=TOTAL_LIMIT // LEAST_COUNTED // 1000 + 1)


@pytest.mark.parametrize("payload", [{1, 2}, b"bytes", float("nan"), "\ud800", "x" * MESSAGE_LIMIT])
def test_what_is_not_plain_or_too_large_is_not_sent(payload: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        packed(TOLD, payload)


def test_the_form_is_length_and_json() -> None:
    message = packed(TOLD, {"é": 1})
    assert message[:4] == struct.pack("!I", len(message) - 4)
    assert json.loads(message[4:]) == ["told", {"é": 1}]
