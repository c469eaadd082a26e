"""What this kernel offers to lock a process up with."""

from dataclasses import dataclass
from pathlib import Path

from core.cage import filter as seccomp
from core.cage.ends import CageRefused
from core.cage.kernel import machine
from core.cage.landlock import landlock_abi
from core.cage.namespaces import offered_namespaces
from core.cage.policy import WEAK_VARIABLE, Policy

_CGROUP_CONTROLLERS = Path("/sys/fs/cgroup/cgroup.controllers")


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelOffer:
    """What was found. ``landlock_abi`` is 0 where there is no Landlock; ``namespaces`` are those that can be entered.

    ``has_cgroup_v2`` is told for information: the cage does not use control groups.
    """

    machine: str
    has_seccomp: bool
    landlock_abi: int
    namespaces: tuple[str, ...]
    has_cgroup_v2: bool

    def missing(self, policy: Policy) -> tuple[str, ...]:
        """Return what the kernel lacks of what a policy asks for when it does not accept less."""
        return (
            *(() if self.has_seccomp else ("seccomp filters",)),
            *(
                ()
                if self.landlock_abi >= policy.landlock_abi
                else (f"Landlock {policy.landlock_abi} (there is {self.landlock_abi or 'none'})",)
            ),
        )

    def check(self, policy: Policy) -> None:
        """Raise ``CageRefused`` when the kernel offers less than the policy accepts."""
        missing = self.missing(policy)
        if missing and not policy.accepts_weak:
            raise CageRefused(
                f"untrusted media is refused: this kernel lacks {' and '.join(missing)}",
                hint=f"`reelhouse doctor` says more; {WEAK_VARIABLE}=1 does with what there is",
            )


def survey() -> KernelOffer:
    """Find out what the kernel offers. The process must have one thread: children are forked to try namespaces."""
    return KernelOffer(
        machine=machine(),
        has_seccomp=seccomp.is_offered(machine()),
        landlock_abi=landlock_abi(),
        namespaces=offered_namespaces(),
        has_cgroup_v2=_CGROUP_CONTROLLERS.exists(),
    )
