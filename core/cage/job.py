"""A caged job as its host sees it: messages come, limits are watched, and it ends with a result or a typed error."""

import json
import select
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from os import close as close_descriptor
from pathlib import Path
from typing import IO

from core.api import JsonValue
from core.cage.ends import CageEnd, CageFailure, CageLost, DeadlinePassed, JobKilled, ThreadsExceeded
from core.cage.keeper import Birth
from core.cage.log import tail
from core.cage.profiles import Profile
from core.cage.usage import FolderUse, Usage, threads_of
from core.cage.verdict import of_disk, verdict
from core.cage.wire import TOLD, BrokenMessage, Unpacker

type OnMessage = Callable[[JsonValue], None]

_CHUNK = 2**16
_LOOK_SECONDS = 0.25
"""How often the folder and the threads of a running job are looked at."""
_DEATH_SECONDS = 5.0
"""How long a killed job may take to be gone: the kernel may be writing for it."""


class CagedJob:
    """A job that runs. ``result`` may be asked for, and ``kill`` called, from any thread."""

    def __init__(
        self,
        birth: Birth,
        channel: socket.socket,
        log: IO[bytes],
        *,
        folder: Path,
        profile: Profile,
        on_message: OnMessage | None,
    ) -> None:
        self.pid = birth.pid
        self.usage: Usage | None = None
        """What the job used, once it has ended."""
        self._birth = birth
        self._channel = channel
        self._log = log
        self._folder = FolderUse(folder, entries=profile.entries)
        self._profile = profile
        self._on_message = on_message
        self._outcome: Future[JsonValue] = Future()
        self._unpacker = Unpacker()
        self._said: tuple[str, JsonValue] | None = None
        self._status: int | None = None
        self._killing = threading.Lock()
        self._is_over = False
        self._is_released = False
        self._cause: BaseException | None = None
        self._looks_at = time.monotonic() + _LOOK_SECONDS
        self._ends_at = time.monotonic() + profile.deadline
        """When it is killed; when it is given up once it is killed."""

    def result(self, timeout: float | None = None) -> JsonValue:
        """Wait for the job's result; raise what it ended with. Raise ``TimeoutError`` after ``timeout`` seconds."""
        return self._outcome.result(timeout)

    def kill(self) -> None:
        """End the job at once and return when its process is gone; ``result`` raises ``JobKilled``.

        A job that has ended stays as it is.
        """
        self._kill(JobKilled("the job was killed on request"))
        self._await_death()

    def give(self, request: bytes) -> None:
        """Hand the job over to the child; the cage calls it once."""
        self._channel.settimeout(self._profile.deadline)
        with suppress(OSError):  # a child that is gone, or does not listen, is judged by its end
            self._channel.sendall(request)

    def watch(self) -> None:
        """Take messages and keep watch until the job has ended; the cage calls it once."""
        try:
            self._follow()
            result = self._judge()
        except BaseException as err:  # noqa: BLE001 - the job runner's catch: ``result`` raises it
            self._kill(err)
            self._release()
            self._outcome.set_exception(err)
        else:
            self._release()
            self._outcome.set_result(result)

    def _follow(self) -> None:
        self._channel.setblocking(False)
        with selectors.PollSelector() as selector:
            selector.register(self._channel, selectors.EVENT_READ, self._listen)
            selector.register(self._birth.report, selectors.EVENT_READ, self._learn)
            while not self._is_over:
                wait = min(self._looks_at, self._ends_at) - time.monotonic()
                for key, _ in selector.select(max(0.0, wait)):
                    if not key.data():
                        selector.unregister(key.fileobj)
                self._look()
        while self._listen():
            pass

    def _listen(self) -> bool:
        """Take what the job has sent; False when there is nothing more."""
        try:
            chunk = self._channel.recv(_CHUNK)
        except OSError:  # it would have to wait, or the other side is gone
            return False
        if not chunk:
            return False
        if self._cause is None:
            try:
                for kind, payload in self._unpacker.feed(chunk):
                    self._hear(kind, payload)
            except BrokenMessage as err:
                self._kill(CageFailure(f"the job broke the cage's protocol: it sent {err}"))
        return True

    def _hear(self, kind: str, payload: JsonValue) -> None:
        if self._said is not None:
            raise BrokenMessage("more after its result")
        if kind != TOLD:
            self._said = (kind, payload)
        elif self._on_message is not None:
            self._on_message(payload)

    def _learn(self) -> bool:
        """Take the zygote's report of the job's end."""
        report = self._birth.report.recv(_CHUNK)
        if report:
            told = json.loads(report)
            self._status = told["status"]
            self.usage = Usage(cpu_seconds=told["cpu"], peak_memory=told["peak"])
        with self._killing:
            self._is_over = True
        return False

    def _look(self) -> None:
        """Kill a job that has gone past a limit; give up one that does not die."""
        now = time.monotonic()
        if now >= self._ends_at:
            if self._cause is not None:
                with self._killing:
                    self._is_over = True
                return
            self._kill(DeadlinePassed(f"the job did not end within the {self._profile.deadline:g} s it was given"))
        if now < self._looks_at or self._is_over:
            return
        self._looks_at = now + _LOOK_SECONDS
        entries, size = self._folder.grown()
        if entries > self._profile.entries or size > self._profile.disk:
            self._kill(of_disk(self._profile, ""))
        if threads_of(self.pid) > self._profile.threads:
            self._kill(ThreadsExceeded(f"the job started more than the {self._profile.threads} threads it was given"))

    def _kill(self, cause: BaseException) -> None:
        with self._killing:
            if self._is_over or self._cause is not None:
                return
            self._cause = cause
            self._ends_at = time.monotonic() + _DEATH_SECONDS
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._birth.pidfd, signal.SIGKILL)

    def _judge(self) -> JsonValue:
        log = tail(self._log)
        if self._cause is not None:
            if isinstance(self._cause, CageEnd):
                self._cause.log = log
            raise self._cause
        if self._status is None:
            raise CageLost("the process that jobs are forked from died, and this job with it", log=log)
        return verdict(self._status, self._said, profile=self._profile, usage=self.usage, log=log)

    def _release(self) -> None:
        """Make sure that no process is left, and close what was opened for it."""
        with self._killing:
            self._is_over = True
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._birth.pidfd, signal.SIGKILL)
        self._await_death()
        with self._killing:
            self._is_released = True
            close_descriptor(self._birth.pidfd)
        self._birth.report.close()
        self._channel.close()
        self._log.close()

    def _await_death(self) -> None:
        with self._killing:
            if not self._is_released:
                death = select.poll()
                death.register(self._birth.pidfd, select.POLLIN)
                death.poll(_DEATH_SECONDS * 1000)
