"""The zygote: a process with everything imported and nothing to hide, from which a child is forked for each job.

Its host starts it (``python -m core.cage FD PID``) and writes a ``Setup`` to its standard input. Over the
control socket with the number FD it says that it is warm, and then takes orders: two sockets and a log each. It ends
when that socket closes or the process PID, its host, ends.
"""

import gc
import json
import os
import pickle
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.cage.child import live
from core.cage.lock import Lock, code_folders
from core.cage.offer import KernelOffer, survey
from core.cage.policy import Policy
from core.cage.request import resolve

ORDER_SIZE = 16
DESCRIPTORS = 3
WARM_UP_SECONDS = 120
"""How long the warm-up may take. After it the zygote ends, whatever has become of its host."""
THREADS_SECONDS = 2
"""How long threads of the warm-up may take to end after it."""
TEXT_LIMIT = 32_000

_OOM_SCORE = Path("/proc/self/oom_score_adj")
_FIRST_TO_GO = "1000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the host gives its zygote: where modules are found, what to call to warm up, and how jobs are locked up."""

    path: Sequence[str]
    warm_up: str
    arguments: Sequence[object]
    read_only: Sequence[Path]
    policy: Policy


def main(control_fd: int, host: int) -> None:
    """Warm up, then fork a child for each order until the host is gone."""
    # The alarm's default action ends the process even where the warm-up hangs in native code.
    signal.alarm(WARM_UP_SECONDS)
    control = socket.socket(fileno=control_fd)
    setup = pickle.load(sys.stdin.buffer)  # noqa: S301 - the host's own
    assert isinstance(setup, Setup)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - the descriptor is what matters
        os.dup2(nothing.fileno(), 0)
    host_fd = os.pidfd_open(host)
    if os.getppid() != host:
        return
    try:
        offer = _warm_up(setup)
    except Exception:  # noqa: BLE001 - the warm-up is foreign code: whatever it is, the host is told
        control.send(json.dumps({"failed": traceback.format_exc()[-TEXT_LIMIT:]}).encode())
        return
    signal.alarm(0)
    control.send(json.dumps({"offer": asdict(offer)}).encode())

    def ready() -> Lock:
        return Lock(read_only=setup.read_only, policy=setup.policy, offer=offer)

    _Nursery(control, host_fd, ready).serve()


def _warm_up(setup: Setup) -> KernelOffer:
    sys.path[:] = setup.path
    sys.dont_write_bytecode = True
    gc.disable()  # what is imported stays
    resolve(setup.warm_up)(*setup.arguments)
    _wait_for_threads()
    # The kernel ends a child before its host when memory runs out.
    _OOM_SCORE.write_text(_FIRST_TO_GO)
    code_folders()
    # What is warm stays: collections in children would copy its pages for nothing.
    gc.collect()
    gc.freeze()
    gc.enable()
    return survey()


def _wait_for_threads() -> None:
    """Wait until this is the only thread: a lock that another one holds would be held in children for ever."""
    patience = time.monotonic() + THREADS_SECONDS
    while len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - counted, not looked at
        if time.monotonic() > patience:
            names = ", ".join(each.name for each in threading.enumerate() if each is not threading.main_thread())
            raise RuntimeError(f"the warm-up left threads behind: {names or 'those of a library'}")
        time.sleep(0.005)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    """A forked process: its id, a descriptor that tells of its end, and the socket on which it awaits its order."""

    pid: int
    pidfd: int
    orders: socket.socket


class _Nursery:
    """The children of a zygote: forked, given orders, watched until they end.

    One is always forked ahead: a job need not wait for it.
    """

    def __init__(self, control: socket.socket, host_fd: int, ready: Callable[[], Lock]) -> None:
        self._control = control
        self._host_fd = host_fd
        self._ready = ready
        self._working: dict[int, tuple[int, socket.socket]] = {}
        """By the descriptor that tells of a child's end: its process id, and where that is reported."""
        self._spare: _Child | None = None
        self._waiting = select.poll()

    def serve(self) -> None:
        """Take orders and report ends until the host is gone; no child is left then."""
        self._waiting.register(self._control, select.POLLIN)
        self._waiting.register(self._host_fd, select.POLLIN)
        try:
            while True:
                self._spare = self._spare or self._forked()
                ready = {fd for fd, _ in self._waiting.poll()}
                for fd in ready & self._working.keys():
                    self._report(fd)
                if self._host_fd in ready or (self._control.fileno() in ready and not self._take_order()):
                    return
        finally:
            left = [pid for pid, _ in self._working.values()]
            if self._spare:
                left.append(self._spare.pid)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            for pid in left:
                os.waitpid(pid, 0)

    def _take_order(self) -> bool:
        """Give the order that has come to a child; False when the host is gone."""
        order, descriptors, _, _ = socket.recv_fds(self._control, ORDER_SIZE, DESCRIPTORS)
        if not order:
            return False
        channel_fd, report_fd, log_fd = descriptors
        report = socket.socket(fileno=report_fd)
        try:
            child = self._given([channel_fd, log_fd])
        except OSError as err:
            _send(report, {"refused": err.strerror})
            report.close()
            return True
        finally:
            os.close(channel_fd)
            os.close(log_fd)
        self._working[child.pidfd] = (child.pid, report)
        self._waiting.register(child.pidfd, select.POLLIN)
        _send(report, {"pid": child.pid}, [child.pidfd])
        return True

    def _given(self, descriptors: Sequence[int]) -> _Child:
        """Return a child that was given an order; raise ``OSError`` when none can be forked."""
        child, self._spare = self._spare or self._fork(), None
        try:
            with child.orders:
                socket.send_fds(child.orders, [b"go"], descriptors)
        except BrokenPipeError:  # it died while it waited
            os.close(child.pidfd)
            os.waitpid(child.pid, 0)
            return self._given(descriptors)
        return child

    def _forked(self) -> _Child | None:
        try:
            return self._fork()
        except OSError:  # the next order tries again, and tells the host
            return None

    def _fork(self) -> _Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        zygote = os.getpid()
        with theirs:
            pid = os.fork()
            if pid == 0:
                live(theirs.fileno(), parent=zygote, ready=self._ready)
        return _Child(pid=pid, pidfd=os.pidfd_open(pid), orders=ours)

    def _report(self, fd: int) -> None:
        """Tell how a child ended and what it used."""
        pid, report = self._working.pop(fd)
        self._waiting.unregister(fd)
        os.close(fd)
        _, status, usage = os.wait4(pid, 0)
        _send(report, {"status": status, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024})
        report.close()


def _send(report: socket.socket, message: dict[str, object], descriptors: Sequence[int] = ()) -> None:
    with suppress(OSError):  # the host may have given the job up
        socket.send_fds(report, [json.dumps(message).encode()], descriptors)
