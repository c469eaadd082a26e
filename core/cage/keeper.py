"""The keeper: a host's hold on its zygote, which it starts, gives orders, and starts again when it has died."""

import json
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.cage.ends import CageFailure, CageLost
from core.cage.log import tail
from core.cage.offer import KernelOffer
from core.cage.zygote import WARM_UP_SECONDS, Setup

_ANSWER_SIZE = 2**16
_STOP_SECONDS = 5
_PASSED_ON = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "TZ")
"""Of the host's environment: what the interpreter needs to start as it did. Nothing else is passed on."""
_ONE_THREAD: Mapping[str, str] = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1"
)
"""Libraries that would start threads when they are imported: a process with threads can't be forked safely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """A child that was forked: its process id, a descriptor of it, and the socket on which its end is reported."""

    pid: int
    pidfd: int
    report: socket.socket


class Keeper:
    """Keeps one warm zygote. May be used from any thread; in a forked copy of the host it starts another one."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lock = threading.Lock()
        self._zygote: _Zygote | None = None

    def offer(self) -> KernelOffer:
        """Return what the zygote found the kernel to offer. Raise ``CageFailure`` when it can't be warmed up."""
        return self._warm().offer

    def warm(self) -> None:
        """Start the zygote if there is none; return before it is warm."""
        with self._lock:
            self._alive()

    def bear(self, channel: socket.socket, log: IO[bytes]) -> Birth:
        """Have a child forked that is given ``channel`` and ``log``. Raise ``CageLost`` when that fails twice."""
        for _ in range(2):
            zygote = self._warm()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                with theirs:
                    zygote.order(channel, theirs, log)
                return _birth(ours)
            except (OSError, EOFError):
                ours.close()
                self._drop(zygote)
            except BaseException:
                ours.close()
                raise
        raise CageLost("the process that jobs are forked from died twice in a row", log=zygote.log())

    def close(self) -> None:
        """End the zygote and with it its children."""
        with self._lock:
            zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.close()

    def _warm(self) -> "_Zygote":
        with self._lock:
            zygote = self._alive()
            try:
                zygote.wait_until_warm()
            except BaseException:
                self._zygote = None
                zygote.close()
                raise
            return zygote

    def _alive(self) -> "_Zygote":
        if self._zygote is not None and self._zygote.owner != os.getpid():
            self._zygote.forget()
            self._zygote = None
        if self._zygote is None:
            self._zygote = _Zygote(self._setup)
        return self._zygote

    def _drop(self, zygote: "_Zygote") -> None:
        with self._lock:
            if self._zygote is zygote:
                self._zygote = None
                zygote.close()


class _Zygote:
    """One zygote process of the process ``owner``."""

    def __init__(self, setup: Setup) -> None:
        self.owner = os.getpid()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the zygote
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-X", "faulthandler", "-m", "core.cage", str(theirs.fileno()), str(self.owner)],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                cwd="/",
                start_new_session=True,  # an interrupt at the terminal is the host's to handle
            )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as stdin:
            pickle.dump(setup, stdin)
        self._offer: KernelOffer | None = None

    @property
    def offer(self) -> KernelOffer:
        assert self._offer is not None, "asked before it was warm"
        return self._offer

    def wait_until_warm(self) -> None:
        if self._offer is not None:
            return
        self._control.settimeout(WARM_UP_SECONDS)
        try:
            answer = self._control.recv(_ANSWER_SIZE)
        except TimeoutError:
            answer = b""
        finally:
            self._control.settimeout(None)
        if not answer:
            raise CageFailure("the cage's warm-up did not end well", log=self.log())
        said = json.loads(answer)
        if "failed" in said:
            raise CageFailure(f"the cage can't be warmed up: {_last_line(said['failed'])}", log=said["failed"])
        self._offer = KernelOffer(**{**said["offer"], "namespaces": tuple(said["offer"]["namespaces"])})

    def order(self, channel: socket.socket, report: socket.socket, log: IO[bytes]) -> None:
        socket.send_fds(self._control, [b"fork"], [channel.fileno(), report.fileno(), log.fileno()])

    def log(self) -> str:
        return "" if self._log.closed else tail(self._log)

    def close(self) -> None:
        self._control.close()
        if self._offer is None:  # it has no children, and may be long in its warm-up
            self._process.kill()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def forget(self) -> None:
        """Let go of another process's zygote."""
        self._control.close()
        self._log.close()
        self._process.returncode = 0


def _birth(report: socket.socket) -> Birth:
    answer, descriptors, _, _ = socket.recv_fds(report, _ANSWER_SIZE, 1)
    if not answer:
        raise EOFError
    said = json.loads(answer)
    if "refused" in said:
        raise CageFailure(
            f"no process can be made: {said['refused']}", hint="the machine is short of memory or processes"
        )
    return Birth(pid=said["pid"], pidfd=descriptors[0], report=report)


def _environment() -> dict[str, str]:
    code = Path(__file__).parents[2]
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"LANG": "C.UTF-8", **passed_on, **_ONE_THREAD, "PYTHONPATH": str(code)}


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]
