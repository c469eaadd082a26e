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
from collections.abc import Iterator
from typing import NoReturn

from core.api import JsonValue, ReelhouseError
from core.cage.kernel import PR_SET_PDEATHSIG, prctl
from core.cage.lock import lock
from core.cage.offer import KernelOffer
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


def live(channel_fd: int, log_fd: int, *, parent: int, offer: KernelOffer) -> NoReturn:
    """Do the job that comes over the channel, in a process that was just forked, and end the process."""
    status = 1
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            channel = Channel(_arrange_descriptors(channel_fd, log_fd))
            _work(channel, offer)
            status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - the job runner's catch: the host hears of the end by the exit status
        traceback.print_exc()
    finally:
        _flush()
        os._exit(status)


def _work(channel: Channel, offer: KernelOffer) -> None:
    try:
        request = _enter(channel, offer)
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


def _enter(channel: Channel, offer: KernelOffer) -> Request:
    """Read what to do and lock the process up; nothing of the job has run before that."""
    with socket.socket(fileno=os.dup(_STANDARD)) as incoming:
        request = receive(incoming)
    resolve(request.function)
    os.environ.update(HOME=str(request.folder), TMPDIR=str(request.folder))
    tempfile.tempdir = str(request.folder)
    lock(request.folder, read_only=request.read_only, profile=request.profile, policy=request.policy, offer=offer)
    _channels.append(channel)
    return request


def _arrange_descriptors(channel_fd: int, log_fd: int) -> int:
    """Leave the log as output, the channel and nothing else open; return the channel's new descriptor."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    # First out of the way, so that none of them is overwritten by another.
    sources = [fcntl.fcntl(fd, fcntl.F_DUPFD, 2 * _STANDARD + 2) for fd in (nothing, log_fd, log_fd, channel_fd)]
    for target, source in enumerate(sources):
        os.dup2(source, target, inheritable=False)
    os.closerange(_STANDARD + 1, _HIGHEST)
    faulthandler.enable(file=2)
    for each in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(each, signal.SIG_DFL)
    return _STANDARD


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
