"""The policy: how much a kernel must offer, and what becomes of a job that makes a forbidden call."""

from collections.abc import Mapping
from dataclasses import dataclass

WEAK_VARIABLE = "REELHOUSE_SANDBOX_WEAK"
"""The setting ``sandbox.weak``: accept kernels that lack seccomp or Landlock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a cage insists on.

    ``accepts_weak`` takes kernels that offer less than seccomp and Landlock's ``landlock_abi``: what is there is
    used. ``kills_offenders`` ends a job at its first forbidden system call; else the call fails with ``EPERM``.
    """

    accepts_weak: bool = False
    landlock_abi: int = 4
    kills_offenders: bool = True


STRICT = Policy()
WEAK = Policy(accepts_weak=True)


def policy_of(environment: Mapping[str, str]) -> Policy:
    """Return the policy that the setting ``sandbox.weak`` asks for."""
    return WEAK if environment.get(WEAK_VARIABLE, "") not in ("", "0") else STRICT
