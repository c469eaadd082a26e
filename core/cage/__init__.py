"""The cage: functions run in locked children of a warm process, without network, with one folder, within limits.

It knows no media. See ``docs/sandbox.md`` for what is enforced.
"""

from core.cage.cage import Cage
from core.cage.child import tell
from core.cage.ends import (
    CageEnd,
    CageFailure,
    CageLost,
    CageRefused,
    CpuExceeded,
    DeadlinePassed,
    DiskExceeded,
    ForbiddenCall,
    JobCrashed,
    JobKilled,
    LimitExceeded,
    MemoryExceeded,
    ThreadsExceeded,
)
from core.cage.job import CagedJob
from core.cage.offer import KernelOffer
from core.cage.policy import STRICT, WEAK, WEAK_VARIABLE, Policy, policy_of
from core.cage.profiles import PROBE, RENDER, THUMBNAIL, Profile
from core.cage.usage import Usage

__all__ = [
    "PROBE",
    "RENDER",
    "STRICT",
    "THUMBNAIL",
    "WEAK",
    "WEAK_VARIABLE",
    "Cage",
    "CageEnd",
    "CageFailure",
    "CageLost",
    "CageRefused",
    "CagedJob",
    "CpuExceeded",
    "DeadlinePassed",
    "DiskExceeded",
    "ForbiddenCall",
    "JobCrashed",
    "JobKilled",
    "KernelOffer",
    "LimitExceeded",
    "MemoryExceeded",
    "Policy",
    "Profile",
    "ThreadsExceeded",
    "Usage",
    "policy_of",
    "tell",
]
