"""The verdict on a job that has ended: its result, or the error that says in a sentence what became of it."""

import os
import signal
from collections.abc import Mapping

from core.api import JsonValue, ReelhouseError
from core.cage.child import OUT_OF_MEMORY
from core.cage.ends import (
    CageEnd,
    CageFailure,
    CpuExceeded,
    DiskExceeded,
    ForbiddenCall,
    JobCrashed,
    MemoryExceeded,
)
from core.cage.profiles import MIB, Profile
from core.cage.told import plain_text, unpacked_error
from core.cage.usage import Usage
from core.cage.wire import ERROR, RESULT

_FORBIDDEN_HINT = "the kernel's audit log names the call (type=1326); if a codec needs it, tell us"


def verdict(
    status: int, said: tuple[str, JsonValue] | None, *, profile: Profile, usage: Usage | None, log: str
) -> JsonValue:
    """Return the result of a job that ended with a wait ``status``; raise what it ended with instead."""
    if os.WIFSIGNALED(status):
        raise _ended_by(os.WTERMSIG(status), profile, usage, log)
    if os.WEXITSTATUS(status) == OUT_OF_MEMORY:
        raise _of_memory(profile, log)
    if os.WEXITSTATUS(status) != 0 or said is None:
        raise CageFailure("the job ended without a result", log=log)
    kind, payload = said
    if kind == RESULT:
        return payload
    raise _error(payload, log) if kind == ERROR else _failure(payload, profile, log)


def of_disk(profile: Profile, log: str) -> DiskExceeded:
    """Return the end of a job that wrote too much."""
    return DiskExceeded(f"the job wrote more than the {_size(profile.disk)} it was given", log=log)


def _ended_by(number: int, profile: Profile, usage: Usage | None, log: str) -> CageEnd:
    if number == signal.SIGSYS:
        return ForbiddenCall(
            "the job tried a system call that the cage does not allow", signal=number, hint=_FORBIDDEN_HINT, log=log
        )
    has_used_its_time = usage is not None and usage.cpu_seconds >= profile.cpu_seconds
    if number == signal.SIGXCPU or (number == signal.SIGKILL and has_used_its_time):
        return CpuExceeded(f"the job used more than the {profile.cpu_seconds} s of CPU time it was given", log=log)
    if number == signal.SIGXFSZ:
        return of_disk(profile, log)
    if number == signal.SIGKILL:
        return JobCrashed(
            "the system killed the job",
            signal=number,
            hint="the machine may have run out of memory: the kernel's log says so",
            log=log,
        )
    return JobCrashed(
        f"the job crashed: {signal.strsignal(number) or f'signal {number}'}",
        signal=number,
        hint=f"native code failed on this input, or went past the {_size(profile.memory)} of memory it was given",
        log=log,
    )


def _error(payload: JsonValue, log: str) -> ReelhouseError:
    try:
        return unpacked_error(payload)
    except ValueError as err:
        return CageFailure(f"the job broke the cage's protocol: it sent {err}", log=log)


def _failure(payload: JsonValue, profile: Profile, log: str) -> CageEnd:
    told = payload if isinstance(payload, Mapping) else {}
    text = plain_text(str(told.get("text") or ""))
    match told.get("cause"):
        case "memory":
            return _of_memory(profile, f"{text}\n{log}")
        case "disk":
            return of_disk(profile, f"{text}\n{log}")
    return CageFailure(
        f"the job failed: {text.strip().rpartition('\n')[2] or 'it did not say why'}", log=f"{text}\n{log}"
    )


def _of_memory(profile: Profile, log: str) -> MemoryExceeded:
    return MemoryExceeded(f"the job needed more than the {_size(profile.memory)} of memory it was given", log=log)


def _size(count: int) -> str:
    return f"{count / MIB:,.0f} MiB"
