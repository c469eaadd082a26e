"""The child: a process forked from the zygote that locks itself up, does one job, tells of it and ends."""

import errno
import faulthandler
import fcntl
import os
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

from core.api import JsonValue, ReelhouseError
from core.cage.kernel import PR_SET_PDEATHSIG, prctl
from core.cage.lock import Lock
from core.cage.request import Request, receive, resolve
from core.cage.told import TEXT_LIMIT, packed_error
from core.cage.wire import ERROR, FAILURE, RESULT, TOLD, packed

MEMORY, DISK = "memory", "disk"

OUT_OF_MEMORY = 3
"""The exit status of a child that has not even the memory to say so."""
_FRAMES = 200
_HIGHEST = 2**31 - 1
_STANDARD = 3
"""Standard input, output and error; the channel to the host comes right after them."""


class Channel:
    """The child's end of the wire. Any thread may send."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._turn = threading.Lock()

    def send(self, kind: str, payload: object) -> None:
        """Send a message whole; wait while the host is behind."""
        message = memoryview(packed(kind, payload))
        with self._turn:
            while message:
                message = message[os.write(self._fd, message) :]


# One process does one job: what it tells, from whichever thread and however deep, goes to that job's host.
_channels: list[Channel] = []


def tell(message: JsonValue) -> None:
    """Send a message of plain values to the ``on_message`` of the host that started this job, from any thread.

    Outside a cage nobody listens and nothing happens. Raise ``TypeError`` or ``ValueError`` for what is no JSON or
    larger than ``MESSAGE_LIMIT``.
    """
    for channel in _channels:
        channel.send(TOLD, message)


def live(orders_fd: int, *, parent: int, ready: Callable[[], Lock]) -> NoReturn:
    """Get a lock ready, await an order, do its job and end, in a process that was just forked."""
    status = 1
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            _serve(orders_fd, ready)
            status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - the job runner's catch: the host hears of the end by the exit status
        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def _serve(orders_fd: int, ready: Callable[[], Lock]) -> None:
    try:
        lock = ready()
    except OSError as err:
        # Who orders is the one to tell it.
        _await_order(orders_fd, ()).send(FAILURE, {"text": f"the lock can't be got ready: {err}"})
    else:
        _work(_await_order(orders_fd, lock.descriptors), lock)


def _await_order(orders_fd: int, kept: Sequence[int]) -> Channel:
    """Wait for a channel and a log. Leave the log as output, the channel and ``kept`` open."""
    _keep_only([orders_fd], kept)
    with socket.socket(fileno=0) as orders:
        _, descriptors, _, _ = socket.recv_fds(orders, 1, 2)
        channel, log = descriptors
        _keep_only([os.open(os.devnull, os.O_RDONLY), log, log, channel], kept)
        orders.detach()
    faulthandler.enable(file=2)
    for each in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(each, signal.SIG_DFL)
    return Channel(_STANDARD)


def _keep_only(first: Sequence[int], others: Sequence[int]) -> None:
    """Make ``first`` the first descriptors of the process, in their order, and close all but these and ``others``."""
    # First out of the way, so that none of them is overwritten by another.
    sources = [fcntl.fcntl(fd, fcntl.F_DUPFD, len(first)) for fd in first]
    for target, source in enumerate(sources):
        os.dup2(source, target, inheritable=False)
    below = len(sources)
    for fd in (*sorted(others), _HIGHEST):
        os.closerange(below, fd)
        below = fd + 1


def _work(channel: Channel, lock: Lock) -> None:
    try:
        request = _enter(channel, lock)
        function = resolve(request.function)
        result = function(*request.arguments)
        channel.send(RESULT, result)
    except ReelhouseError as err:
        cause = _spent(err)
        if cause:
            channel.send(FAILURE, {"cause": cause, "text": str(err)})
        else:
            channel.send(ERROR, packed_error(err))
    except BaseException as err:  # noqa: BLE001 - the job runner's catch: whatever it is, the host is told
        text = traceback.format_exc(limit=_FRAMES)
        channel.send(FAILURE, {"cause": _spent(err), "text": text[-TEXT_LIMIT:]})


def _enter(channel: Channel, lock: Lock) -> Request:
    """Read what to do and lock the process up; nothing of the job has run before that."""
    with socket.socket(fileno=os.dup(_STANDARD)) as incoming:
        request = receive(incoming)
    resolve(request.function)
    os.environ.update(HOME=str(request.folder), TMPDIR=str(request.folder))
    tempfile.tempdir = str(request.folder)
    lock.shut(request.folder, read_only=request.read_only, profile=request.profile)
    _channels.append(channel)
    return request


def _spent(error: BaseException) -> str | None:
    """Tell whether an error comes of a limit: memory or disk."""
    for each in _causes(error):
        number = each.errno if isinstance(each, OSError) else None
        if isinstance(each, MemoryError) or number == errno.ENOMEM:
            return MEMORY
        if number == errno.EFBIG:
            return DISK
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
