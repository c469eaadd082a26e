"""What a process can do so that its memory and environment are not read by others.

What it can't: Python copies bytes as it likes and wipes none. Who is root, or runs code in the process, reads them.
"""

import ctypes
import os
import resource

from core.cage.kernel import PR_SET_DUMPABLE, prctl


def harden_process() -> None:
    """Have the kernel write no core dump of this process, and let nobody but root trace it or read its memory.

    For the process that serves, before it reads a key. Children that are programs of their own start without it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl(PR_SET_DUMPABLE, 0)


def take_variable(name: str) -> bytes | None:
    """Return a variable of the environment and remove it: from ``os.environ`` and from ``/proc/PID/environ``.

    ``unsetenv`` alone forgets where the value lies and leaves it there, for whoever reads that file.
    """
    value = os.environb.get(name.encode())
    if value is None:
        return None
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    place = getenv(name.encode())
    if place is not None:
        ctypes.memset(place, 0, len(ctypes.string_at(place)))
    del os.environ[name]
    return value
