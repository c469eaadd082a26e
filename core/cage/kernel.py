"""The kernel's calls that Python has no name for, through the C library."""

import ctypes
import os
import platform

# prctl(2), from linux/prctl.h.
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def machine() -> str:
    """Return the machine's name as the kernel gives it, like ``x86_64``."""
    return platform.machine()


def system_call(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call; bytes are passed by their address. Raise ``OSError`` with the kernel's errno."""
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = int(_libc.syscall(ctypes.c_long(number), *passed))
    if result < 0:
        raise _last_error()
    return result


def prctl(option: int, argument: int) -> None:
    """Change something of this process; raise ``OSError`` when the kernel refuses."""
    zero = ctypes.c_ulong(0)
    if _libc.prctl(option, ctypes.c_ulong(argument), zero, zero, zero) < 0:
        raise _last_error()


def drop_capabilities() -> None:
    """Give up every capability of this thread, for good."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if _libc.capset(header, nothing) < 0:
        raise _last_error()


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
