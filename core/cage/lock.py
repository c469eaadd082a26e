"""The lock: everything that is shut before a caged job's first line runs."""

import os
import resource
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from core.cage import filter as seccomp
from core.cage.kernel import PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, drop_capabilities, prctl
from core.cage.landlock import DEVICE, READ, WORK, Ruleset
from core.cage.namespaces import enter
from core.cage.offer import KernelOffer
from core.cage.policy import Policy
from core.cage.profiles import Profile

_DEVICES = (Path("/dev/null"), Path("/dev/urandom"))
_SYSTEM_LIBRARIES = tuple(
    Path(path) for path in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
)
_CPU_GRACE_SECONDS = 2
"""From the signal that a job is told by that its CPU time is over to the one that it can't ignore."""


class Lock:
    """The lock of one process, which has one thread: got ready, then shut for good. What ``offer`` lacks is left out.

    The process may read code (see ``code_folders``) and ``read_only``.
    """

    def __init__(self, *, read_only: Sequence[Path], policy: Policy, offer: KernelOffer) -> None:
        self._offer = offer
        self._ruleset: Ruleset | None = None
        if offer.landlock_abi:
            self._ruleset = Ruleset(offer.landlock_abi)
            self._ruleset.allow(READ, (*code_folders(), *read_only))
            self._ruleset.allow(DEVICE, _DEVICES)
        self._program = b""
        if offer.has_seccomp:
            self._program = seccomp.assemble(offer.machine, process=os.getpid(), kills_offenders=policy.kills_offenders)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The descriptors that must stay open until the lock is shut."""
        return (self._ruleset.fd,) if self._ruleset else ()

    def shut(self, folder: Path, *, read_only: Sequence[Path], profile: Profile) -> None:
        """Lock the process up in ``folder``, where it may write. It may read ``read_only`` as well.

        Raise ``OSError`` when the kernel refuses: then the process is not locked and must end.
        """
        if self._ruleset:
            # Paths are opened while the process may still reach them by the host's own rights.
            self._ruleset.allow(WORK, [folder])
            self._ruleset.allow(READ, read_only)
        os.chdir(folder)
        _limit(_limits(profile))
        enter(self._offer.namespaces)
        if "user" in self._offer.namespaces:
            # Only now: outside, or set before, it would count all that the user runs on the machine.
            _limit({resource.RLIMIT_NPROC: (profile.threads, profile.threads)})
        drop_capabilities()
        prctl(PR_SET_DUMPABLE, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        if self._ruleset:
            self._ruleset.enforce()
        if self._program:
            seccomp.enforce(self._program, self._offer.machine)


@cache
def code_folders() -> tuple[Path, ...]:
    """Return where code lies that may be loaded late: libraries, of the system too, and what is imported by now.

    Of a package outside the libraries that is its own folder, never the one around it, which may hold anything.
    The zygote asks first, once it is warm.
    """
    paths = sysconfig.get_paths()
    folders = {path.resolve() for path in _SYSTEM_LIBRARIES}
    folders |= {Path(paths[name]).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    for name, module in tuple(sys.modules.items()):
        if "." not in name:
            places = list(getattr(module, "__path__", ())) or [getattr(module, "__file__", None) or ""]
            folders.update(Path(place).resolve() for place in places if place)
    outermost: list[Path] = []
    for path in sorted(folders):  # what lies in a folder comes next after it
        if path.exists() and not (outermost and path.is_relative_to(outermost[-1])):
            outermost.append(path)
    return tuple(outermost)


def _limits(profile: Profile) -> dict[int, tuple[int, int]]:
    memory = _address_space() + profile.memory
    return {
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (profile.cpu_seconds, profile.cpu_seconds + _CPU_GRACE_SECONDS),
        resource.RLIMIT_FSIZE: (profile.disk, profile.disk),
        resource.RLIMIT_NOFILE: (profile.files, profile.files),
        resource.RLIMIT_CORE: (0, 0),
    }


def _limit(limits: Mapping[int, tuple[int, int]]) -> None:
    """Set limits, soft and hard, or what the host is limited to already where that is less."""
    for limit, (soft, hard) in limits.items():
        _, ceiling = resource.getrlimit(limit)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(limit, (soft, hard))


def _address_space() -> int:
    """Return how many bytes of address space this process has (``/proc/PID/statm`` in proc(5))."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
