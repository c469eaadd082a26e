"""The C library's heap, set for pictures: large blocks go back to the system when they are freed."""

import ctypes

LARGE = 2**20
"""Bytes from which a block gets pages of its own."""
M_MMAP_THRESHOLD = -3
"""The number of glibc's setting (``malloc.h``)."""


def give_large_blocks_back() -> None:
    """Let each large block have pages of its own, in this process and those forked from it.

    By default glibc raises that threshold to the largest block that was ever freed, up to 32 MiB. Frames and encoders
    then lie scattered over the heaps, and what is freed between them is kept: a worker of 1080p that holds 300 MB at a
    time grows past 400. Where the C library is another one, nothing changes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
