"""Namespaces: a network without interfaces, and System V memory and a host name that are the process's own."""

import os
from pathlib import Path

_SELF = Path("/proc/self")

NAMES = {"user": 0x1000_0000, "net": 0x4000_0000, "ipc": 0x0800_0000, "uts": 0x0400_0000}
"""Of linux/sched.h; Python names them on Linux alone, where the cage is imported elsewhere too."""
_CHOICES = (("user", "net", "ipc", "uts"), ("net", "ipc", "uts"), ("user",))
"""What is tried, the best first: root may do without a user namespace where these are switched off, and some systems
offer a user namespace that gives no right to make the others."""


def enter(names: tuple[str, ...]) -> None:
    """Move this process, which has one thread, into new namespaces. It stays the user that it is.

    Raise ``OSError`` when the kernel does not offer one of them.
    """
    user, group = os.geteuid(), os.getegid()
    flags = 0
    for name in names:
        flags |= NAMES[name]
    if not flags:
        return
    os.unshare(flags)
    if "user" in names:
        (_SELF / "setgroups").write_text("deny")
        (_SELF / "uid_map").write_text(f"{user} {user} 1")
        (_SELF / "gid_map").write_text(f"{group} {group} 1")


def offered_namespaces() -> tuple[str, ...]:
    """Return the namespaces that a process of ours can enter: found by trying, in children of this process.

    The process must have one thread.
    """
    return next((names for names in _CHOICES if _can_enter(names)), ())


def _can_enter(names: tuple[str, ...]) -> bool:
    child = os.fork()
    if child == 0:
        is_entered = False
        try:
            enter(names)
            is_entered = True
        finally:
            os._exit(0 if is_entered else 1)
    _, status = os.waitpid(child, 0)
    return status == 0
