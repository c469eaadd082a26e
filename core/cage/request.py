"""A request for a job, as the host hands it to the child: the host is trusted, so it is pickled."""

import importlib
import pickle
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cage.profiles import Profile

_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is called, and what it may touch and use. ``function`` is a top-level function, or ``module:function``."""

    function: str | Callable[..., object]
    arguments: Sequence[object]
    folder: Path
    read_only: Sequence[Path]
    profile: Profile

    def packed(self) -> bytes:
        """Return the request for ``receive``. Raise what ``pickle`` does for what can't be pickled by name."""
        pickled = pickle.dumps(self, protocol=pickle.HIGHEST_PROTOCOL)
        return _LENGTH.pack(len(pickled)) + pickled


def receive(channel: socket.socket) -> Request:
    """Read a request; raise ``EOFError`` when the host has gone."""
    [length] = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    request = pickle.loads(_exactly(channel, length))  # noqa: S301 - the host's own
    assert isinstance(request, Request)
    return request


def resolve(function: str | Callable[..., object]) -> Callable[..., object]:
    """Return the function that ``module:function`` names."""
    if not isinstance(function, str):
        return function
    module, _, name = function.partition(":")
    found: object = getattr(importlib.import_module(module), name)
    assert callable(found), f"{function} is no function"
    return found


def _exactly(channel: socket.socket, count: int) -> bytes:
    received = bytearray(count)
    view = memoryview(received)
    while view:
        got = channel.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(received)
