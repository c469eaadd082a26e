"""The lock: everything that is shut before a caged job's first line runs."""

import os
import resource
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from core.cage import filter as seccomp
from core.cage.kernel import PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, drop_capabilities, prctl
from core.cage.landlock import DEVICE, READ, WORK, Ruleset
from core.cage.namespaces import enter
from core.cage.offer import KernelOffer
from core.cage.policy import Policy
from core.cage.profiles import Profile

_DEVICES = (Path("/dev/null"), Path("/dev/urandom"))
_CPU_GRACE_SECONDS = 2
"""From the signal that a job is told by that its CPU time is over to the one that it can't ignore."""
_CORE = Path(__file__).parents[1]


def lock(folder: Path, *, read_only: Sequence[Path], profile: Profile, policy: Policy, offer: KernelOffer) -> None:
    """Lock this process, which has one thread, up in ``folder``, for good. What ``offer`` lacks is left out.

    It may write in ``folder``, and read the interpreter's libraries, Reelhouse's code and ``read_only``. Raise
    ``OSError`` when the kernel refuses: then the process is not locked and must end.
    """
    ruleset = None
    if offer.landlock_abi:
        # Paths are opened while the process may still reach them by the host's own rights.
        ruleset = Ruleset(offer.landlock_abi)
        ruleset.allow(WORK, [folder])
        ruleset.allow(READ, (*code_folders(), *read_only))
        ruleset.allow(DEVICE, _DEVICES)
    os.chdir(folder)
    _limit(profile)
    enter(offer.namespaces)
    drop_capabilities()
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if ruleset is not None:
        ruleset.enforce()
    if offer.has_seccomp:
        program = seccomp.assemble(offer.machine, process=os.getpid(), kills_offenders=policy.kills_offenders)
        seccomp.enforce(program, offer.machine)


def code_folders() -> tuple[Path, ...]:
    """Return where the interpreter's and Reelhouse's own code lies, for modules that are imported late."""
    paths = sysconfig.get_paths()
    libraries = {Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return (*sorted(path for path in libraries if path.is_dir()), _CORE)


def _limit(profile: Profile) -> None:
    limits = {
        resource.RLIMIT_AS: (profile.memory, profile.memory),
        resource.RLIMIT_CPU: (profile.cpu_seconds, profile.cpu_seconds + _CPU_GRACE_SECONDS),
        resource.RLIMIT_FSIZE: (profile.disk, profile.disk),
        resource.RLIMIT_NOFILE: (profile.files, profile.files),
        resource.RLIMIT_NPROC: (profile.threads, profile.threads),
        resource.RLIMIT_CORE: (0, 0),
    }
    for limit, (soft, hard) in limits.items():
        _, ceiling = resource.getrlimit(limit)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(limit, (soft, hard))
