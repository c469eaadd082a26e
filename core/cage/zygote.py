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
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.cage.child import live
from core.cage.offer import KernelOffer, survey
from core.cage.request import resolve

ORDER_SIZE = 16
DESCRIPTORS = 3
WARM_UP_SECONDS = 120
"""How long the warm-up may take. After it the zygote ends, whatever has become of its host."""
TEXT_LIMIT = 32_000

_OOM_SCORE = Path("/proc/self/oom_score_adj")
_FIRST_TO_GO = "1000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the host gives its zygote: where modules are found, and what to call to warm up."""

    path: Sequence[str]
    warm_up: str
    arguments: Sequence[object]


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
    _Nursery(control, host_fd, offer).serve()


def _warm_up(setup: Setup) -> KernelOffer:
    sys.path[:] = setup.path
    sys.dont_write_bytecode = True
    resolve(setup.warm_up)(*setup.arguments)
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - counted, not looked at
    if threads > 1:
        raise RuntimeError(f"{setup.warm_up} left {threads - 1} threads behind: children would hang on their locks")
    # The kernel ends a child before its host when memory runs out.
    _OOM_SCORE.write_text(_FIRST_TO_GO)
    # What is warm stays: collections in children would copy its pages for nothing.
    gc.collect()
    gc.freeze()
    return survey()


class _Nursery:
    """The children of a zygote: forked on order, watched until they end."""

    def __init__(self, control: socket.socket, host_fd: int, offer: KernelOffer) -> None:
        self._control = control
        self._host_fd = host_fd
        self._offer = offer
        self._children: dict[int, tuple[int, socket.socket]] = {}
        """By the descriptor that tells of a child's end: its process id, and where that is reported."""

    def serve(self) -> None:
        """Fork and report until the host is gone; no child is left then."""
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        waiting.register(self._host_fd, select.POLLIN)
        try:
            while True:
                ready = {fd for fd, _ in waiting.poll()}
                for fd in ready & self._children.keys():
                    waiting.unregister(fd)
                    self._report(fd)
                if self._host_fd in ready:
                    return
                if self._control.fileno() in ready:
                    order, descriptors, _, _ = socket.recv_fds(self._control, ORDER_SIZE, DESCRIPTORS)
                    if not order:
                        return
                    child = self._fork(*descriptors)
                    if child is not None:
                        waiting.register(child, select.POLLIN)
        finally:
            for pid, _ in self._children.values():
                os.kill(pid, signal.SIGKILL)
            for pid, _ in self._children.values():
                os.waitpid(pid, 0)

    def _fork(self, channel_fd: int, report_fd: int, log_fd: int) -> int | None:
        """Fork a child; return the descriptor that tells of its end, None when there can't be one more."""
        report = socket.socket(fileno=report_fd)
        zygote = os.getpid()
        try:
            pid = os.fork()
        except OSError as err:
            _send(report, {"refused": err.strerror})
            report.close()
            return None
        else:
            if pid == 0:
                live(channel_fd, log_fd, parent=zygote, offer=self._offer)
        finally:
            os.close(channel_fd)
            os.close(log_fd)
        fd = os.pidfd_open(pid)
        self._children[fd] = (pid, report)
        _send(report, {"pid": pid}, [fd])
        return fd

    def _report(self, fd: int) -> None:
        """Tell how a child ended and what it used."""
        pid, report = self._children.pop(fd)
        os.close(fd)
        _, status, usage = os.wait4(pid, 0)
        _send(report, {"status": status, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024})
        report.close()


def _send(report: socket.socket, message: dict[str, object], descriptors: Sequence[int] = ()) -> None:
    with suppress(OSError):  # the host may have given the job up
        socket.send_fds(report, [json.dumps(message).encode()], descriptors)
