"""How a caged job can end badly: the errors that ``Cage.start``, ``Cage.run`` and ``CagedJob.result`` raise.

CageEnd                    root: the job gave no result; ``log`` is the tail of what it printed
├── CageRefused            this kernel does not offer enough to lock untrusted work up
├── CageFailure            the job's own code failed in an unforeseen way; ``log`` holds its traceback
├── CageLost               the process that jobs are forked from died, and the job with it
├── JobKilled              ``kill`` was called, or the cage was closed
├── JobCrashed             a signal ended the job: a crash in native code
│   └── ForbiddenCall      it tried a system call that the cage does not allow
└── LimitExceeded          the job went past what its profile grants
    ├── DeadlinePassed     wall-clock seconds
    ├── CpuExceeded        CPU seconds
    ├── MemoryExceeded     bytes of address space
    ├── DiskExceeded       bytes or entries written
    └── ThreadsExceeded    threads

An error of ``core.api`` that the job raises on purpose comes back as what it is, and is none of these.
"""

from core.api import ReelhouseError


class CageEnd(ReelhouseError):
    """A caged job ended without a result."""

    code = "cage_failed"
    status = 500

    def __init__(self, message: str, *, hint: str | None = None, log: str = "") -> None:
        super().__init__(message, hint=hint)
        self.log = log


class CageRefused(CageEnd):
    """The kernel does not offer enough to lock untrusted work up; nothing was run."""

    code = "cage_refused"
    status = 503


class CageFailure(CageEnd):
    """The job's own code failed in an unforeseen way, or did not keep to the cage's protocol."""


class CageLost(CageEnd):
    """The process that jobs are forked from died, and the job with it. The next job starts a new one."""

    code = "cage_lost"
    status = 503


class JobKilled(CageEnd):
    """The job was killed on request."""

    code = "job_killed"
    status = 409


class JobCrashed(CageEnd):
    """A signal ended the job; ``signal`` is its number."""

    code = "job_crashed"

    def __init__(self, message: str, *, signal: int, hint: str | None = None, log: str = "") -> None:
        super().__init__(message, hint=hint, log=log)
        self.signal = signal


class ForbiddenCall(JobCrashed):
    """The job tried a system call that the cage does not allow."""

    code = "forbidden_call"


class LimitExceeded(CageEnd):
    """The job went past what its profile grants."""

    code = "limit_exceeded"
    status = 422


class DeadlinePassed(LimitExceeded):
    """The job took more wall-clock time than it was given."""

    code = "deadline_passed"


class CpuExceeded(LimitExceeded):
    """The job used more CPU time than it was given."""

    code = "cpu_exceeded"


class MemoryExceeded(LimitExceeded):
    """The job asked for more memory than it was given."""

    code = "memory_exceeded"


class DiskExceeded(LimitExceeded):
    """The job wrote more than it was given."""

    code = "disk_exceeded"


class ThreadsExceeded(LimitExceeded):
    """The job started more threads than it was given."""

    code = "threads_exceeded"
