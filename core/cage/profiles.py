"""Profiles: how much a caged job may use."""

import os
from dataclasses import dataclass, replace
from typing import Self

MIB = 2**20
GIB = 2**30

BYTES_PER_PIXEL = 500
"""Of address space, for frames in decoders, queues and encoders. Measured with what needs most, SVT-AV1 in its best
quality: 320; a third is added for what was not measured, and something for decoders."""
_PER_PROCESSOR = 128 * MIB
"""Codecs start threads for each, and each thread has a stack and a heap of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The limits of a job.

    ``memory`` is bytes of address space beyond what the warm process has already. ``cpu_seconds`` count all threads
    together, ``deadline`` is seconds by the wall clock. ``disk`` is bytes: no file may grow larger, and the job folder
    may not grow by more; ``entries`` is how many files and folders may come to lie in it. ``files`` is how many
    descriptors may be open at once.
    """

    memory: int
    cpu_seconds: int
    disk: int
    deadline: float
    files: int = 64
    threads: int = 512
    entries: int = 10_000

    def for_pixels(self, pixels: int) -> Self:
        """Return the profile with memory for pictures of ``pixels``, those that are read and written together."""
        return replace(self, memory=self.memory + pixels * BYTES_PER_PIXEL)


PROBE = Profile(memory=512 * MIB, cpu_seconds=20, disk=16 * MIB, deadline=20)
THUMBNAIL = Profile(memory=1 * GIB, cpu_seconds=30, disk=64 * MIB, deadline=30)
RENDER = Profile(
    memory=2 * GIB + (os.cpu_count() or 1) * _PER_PROCESSOR, cpu_seconds=6 * 3600, disk=64 * GIB, deadline=3600
)
"""A render of small pictures: ``for_pixels`` gives it what larger ones need."""
