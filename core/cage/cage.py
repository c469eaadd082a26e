"""The cage: runs functions in locked children of a warm process. The one class that the house holds."""

import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from core.api import InvalidInput, JsonValue
from core.cage.job import CagedJob, OnMessage
from core.cage.keeper import Keeper
from core.cage.log import open_log
from core.cage.offer import KernelOffer
from core.cage.policy import STRICT, Policy
from core.cage.profiles import Profile
from core.cage.request import Request
from core.cage.zygote import Setup


class Cage:
    """Runs jobs in the cage. Many threads may use one; it is not sent to other processes.

    ``warm_up`` names a function as ``module:function``: it is called with ``arguments`` in the process that all jobs
    are forked from, and should import and open whatever jobs will need. It must leave no thread behind. All jobs may
    read ``read_only`` files and folders. Nothing is started before the first job, ``warm`` or ``offer``.
    """

    def __init__(
        self, warm_up: str, *arguments: object, read_only: Sequence[Path] = (), policy: Policy = STRICT
    ) -> None:
        readable = tuple(_existing(path) for path in read_only)
        self._keeper = Keeper(
            Setup(path=tuple(sys.path), warm_up=warm_up, arguments=arguments, read_only=readable, policy=policy)
        )
        self._policy = policy
        self._lock = threading.Lock()
        self._jobs: set[CagedJob] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm(self) -> None:
        """Start to warm up ahead of the first job; return at once."""
        self._keeper.warm()

    def offer(self) -> KernelOffer:
        """Return what the kernel offers; wait for the warm-up."""
        return self._keeper.offer()

    def start(
        self,
        function: str | Callable[..., JsonValue],
        *arguments: object,
        profile: Profile,
        folder: Path,
        read_only: Sequence[Path] = (),
        on_message: OnMessage | None = None,
    ) -> CagedJob:
        """Start a job: ``function(*arguments)``, a top-level function or its ``module:function``, in a locked child.

        The job may write in ``folder`` alone. Its result is plain values; so is what it says with ``tell``, which
        ``on_message`` is called with, on a thread of the job's. What ``on_message`` raises ends the job and is raised
        by ``result``. Trust neither: the job may be in the hands of the file that it reads. Raise ``CageRefused``
        when the kernel does not offer what the policy asks for, ``CageFailure`` when the warm-up fails, ``CageLost``
        when no process can be had, ``InvalidInput`` for a path that is not there.
        """
        job = self._launch(function, arguments, profile, folder, read_only, on_message)
        threading.Thread(target=self._watch, args=(job,), name=f"caged job {job.pid}", daemon=True).start()
        return job

    def run(
        self,
        function: str | Callable[..., JsonValue],
        *arguments: object,
        profile: Profile,
        folder: Path,
        read_only: Sequence[Path] = (),
        on_message: OnMessage | None = None,
    ) -> JsonValue:
        """Do a job and return its result, as ``start`` does; ``on_message`` is called on this thread."""
        job = self._launch(function, arguments, profile, folder, read_only, on_message)
        self._watch(job)
        return job.result()

    def close(self) -> None:
        """Kill the jobs that run, and end the warm process."""
        with self._lock:
            jobs = tuple(self._jobs)
        for job in jobs:
            job.kill()
        self._keeper.close()

    def _launch(
        self,
        function: str | Callable[..., JsonValue],
        arguments: Sequence[object],
        profile: Profile,
        folder: Path,
        read_only: Sequence[Path],
        on_message: OnMessage | None,
    ) -> CagedJob:
        request = Request(
            function=function,
            arguments=arguments,
            folder=_existing(folder),
            read_only=[_existing(path) for path in read_only],
            profile=profile,
        )
        packed = request.packed()
        self._keeper.offer().check(self._policy)
        log = open_log(request.folder)
        channel, theirs = socket.socketpair()
        try:
            with theirs:
                birth = self._keeper.bear(theirs, log)
        except BaseException:
            channel.close()
            log.close()
            raise
        job = CagedJob(birth, channel, log, folder=request.folder, profile=profile, on_message=on_message)
        with self._lock:
            self._jobs.add(job)
        job.give(packed)
        return job

    def _watch(self, job: CagedJob) -> None:
        try:
            job.watch()
        finally:
            with self._lock:
                self._jobs.discard(job)


def _existing(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except OSError as err:
        raise InvalidInput(f"{path}: {err.strerror}", path=str(path)) from err
