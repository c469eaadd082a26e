"""Landlock: which files a process may touch, by the kernel's own rule and for good.

The interface is that of ``linux/landlock.h`` (https://docs.kernel.org/userspace-api/landlock.html). Its calls have
the same numbers on every machine.
"""

import fcntl
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from core.cage.kernel import system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in range(13, 16))
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_UNIX_SOCKET, SCOPE_SIGNAL = 1, 2

_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_FIRST_WITH_REFER, _FIRST_WITH_TRUNCATE, _FIRST_WITH_TCP, _FIRST_WITH_IOCTL, _FIRST_WITH_SCOPES = 2, 3, 4, 5, 6

_OUT_OF_THE_WAY = 1000
"""The ruleset's descriptor is above those that are rearranged while it waits."""

READ = READ_FILE | READ_DIR
WORK = READ | WRITE_FILE | TRUNCATE | REFER | REMOVE_FILE | REMOVE_DIR | MAKE_REG | MAKE_DIR
"""What a job may do in its folder: plain files and folders. No links, devices, sockets or pipes; nothing is run."""
DEVICE = READ_FILE | WRITE_FILE


def landlock_abi() -> int:
    """Return the version of Landlock that the kernel offers; 0 when it has none or it is switched off."""
    try:
        return system_call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


class Ruleset:
    """Rules being gathered; in force after ``enforce``, for this thread and all that it starts.

    Everything that version ``abi`` can refuse is refused but what ``allow`` allows: all files, TCP, and (since version
    6) signals and abstract sockets to processes outside.
    """

    def __init__(self, abi: int) -> None:
        self._files = _handled_files(abi)
        attributes = struct.pack(
            "=QQQ",
            self._files,
            BIND_TCP | CONNECT_TCP if abi >= _FIRST_WITH_TCP else 0,
            SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL if abi >= _FIRST_WITH_SCOPES else 0,
        )
        size = 24 if abi >= _FIRST_WITH_SCOPES else 16 if abi >= _FIRST_WITH_TCP else 8
        created = system_call(_CREATE_RULESET, attributes, size, 0)
        self.fd = fcntl.fcntl(created, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        os.close(created)

    def allow(self, rights: int, paths: Iterable[Path]) -> None:
        """Allow ``rights`` on files, and on folders with all that lies in them. Raise ``OSError`` for a missing one."""
        for path in paths:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
                granted = rights & self._files & (~0 if is_folder else _OF_FILES)
                rule = struct.pack("=Qi", granted, place)
                system_call(_ADD_RULE, self.fd, _PATH_BENEATH, rule, 0)
            finally:
                os.close(place)

    def enforce(self) -> None:
        """Put the rules in force. The process must have given up new privileges before."""
        try:
            system_call(_RESTRICT_SELF, self.fd, 0)
        finally:
            os.close(self.fd)


def _handled_files(abi: int) -> int:
    handled = (1 << 13) - 1
    if abi >= _FIRST_WITH_REFER:
        handled |= REFER
    if abi >= _FIRST_WITH_TRUNCATE:
        handled |= TRUNCATE
    if abi >= _FIRST_WITH_IOCTL:
        handled |= IOCTL_DEV
    return handled
