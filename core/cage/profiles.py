"""Profiles: how much a caged job may use."""

from dataclasses import dataclass, replace
from typing import Self

MIB = 2**20
GIB = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The limits of a job.

    ``memory`` is bytes of address space; ``cpu_seconds`` count all threads together, ``deadline`` is seconds by the
    wall clock. ``disk`` is bytes: no file may grow larger, and the job folder may not grow by more; ``entries`` is
    how many files and folders may come to lie in it. ``files`` is how many descriptors may be open at once.
    """

    memory: int
    cpu_seconds: int
    disk: int
    deadline: float
    files: int = 64
    threads: int = 512
    entries: int = 10_000

    def for_pixels(self, pixels: int) -> Self:
        """Return the profile with memory for frames of ``pixels`` as well."""
        return replace(self, memory=self.memory + pixels * BYTES_PER_PIXEL)


BYTES_PER_PIXEL = 900
PROBE = Profile(memory=1 * GIB, cpu_seconds=20, disk=16 * MIB, deadline=20)
THUMBNAIL = Profile(memory=1 * GIB, cpu_seconds=30, disk=64 * MIB, deadline=30)
RENDER = Profile(memory=2 * GIB, cpu_seconds=6 * 3600, disk=64 * GIB, deadline=3600)
