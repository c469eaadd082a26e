"""Which system calls a caged process may make: what Python, FFmpeg's codecs, OpenCV and HarfBuzz need to work.

Everything that is not named here is forbidden, calls that do not exist yet included. Files are Landlock's matter, so
opening them is allowed; what Landlock does not govern (modes, owners, times, extended attributes) is refused here.
"""

import errno
from collections.abc import Mapping
from dataclasses import dataclass

OWN_PROCESS = -1
"""Stands for the id of the process that the filter is made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """Whether an argument, masked, is one of ``among``.

    Its lower 32 bits are compared, as the kernel's own parameters are no wider; a pointer passes when it is null.
    When the test fails, so does the call: with the errno ``otherwise``, or as a forbidden one where that is None.
    """

    argument: int
    among: tuple[int, ...] = (0,)
    mask: int = 0xFFFF_FFFF
    is_pointer: bool = False
    otherwise: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A call that depends on its arguments: when all ``tests`` hold it is allowed, or fails with the errno ``then``."""

    tests: tuple[Test, ...]
    then: int | None = None


# linux/sched.h
_CLONE_THREAD = 0x0001_0000
_CLONE_PTRACE, _CLONE_UNTRACED = 0x2000, 0x0080_0000
_CLONE_NEW = 0x7E02_0080  # namespaces of every kind
# asm-generic/mman-common.h
_PROT_WRITE, _PROT_EXEC = 2, 4
# asm-generic/ioctls.h: of descriptors and terminals, by which libraries ask whether a file is one
_TCGETS, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX = 0x5401, 0x541B, 0x5421, 0x5450, 0x5451
# asm-generic/fcntl.h: F_SETOWN and F_SETSIG are missing, as they send signals
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
# linux/prctl.h
_PR_SET_NAME, _PR_GET_NAME = 15, 16

_AF_UNIX = 1


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NEVER_WRITE_AND_EXECUTE = Rule(
    tests=(Test(argument=2, among=(0, _PROT_WRITE, _PROT_EXEC), mask=_PROT_WRITE | _PROT_EXEC, otherwise=errno.EPERM),)
)

CONDITIONAL: Mapping[str, Rule] = {
    # Memory that is written and run at once is how injected code starts.
    "mmap": _NEVER_WRITE_AND_EXECUTE,
    "mprotect": _NEVER_WRITE_AND_EXECUTE,
    "fcntl": Rule(tests=(Test(argument=1, among=_FCNTL_COMMANDS, otherwise=errno.EINVAL),)),
    "ioctl": Rule(
        tests=(Test(argument=1, among=(_TCGETS, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX), otherwise=errno.ENOTTY),)
    ),
    # Threads, and neither processes nor namespaces.
    "clone": Rule(
        tests=(
            Test(argument=0, among=(_CLONE_THREAD,), mask=_CLONE_THREAD | _CLONE_PTRACE | _CLONE_UNTRACED | _CLONE_NEW),
        )
    ),
    # How native code ends itself when it finds itself broken.
    "tgkill": Rule(tests=(Test(argument=0, among=(OWN_PROCESS,)),)),
    "prctl": Rule(tests=(Test(argument=0, among=(_PR_SET_NAME, _PR_GET_NAME), otherwise=errno.EPERM),)),
    # Limits may be read, of this process alone.
    "prlimit64": Rule(
        tests=(
            Test(argument=0, otherwise=errno.EPERM),
            Test(argument=2, is_pointer=True, otherwise=errno.EPERM),
        )
    ),
    # The C library asks a daemon for names of users before it reads them itself. All other sockets are forbidden.
    "socket": Rule(tests=(Test(argument=0, among=(_AF_UNIX,)),), then=errno.EACCES),
}
"""The calls made most often come first: the filter is read from its start."""

ALLOWED = frozenset(
    _names(
        # files
        "read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range fstat newfstatat stat "
        "lstat statx fstatfs statfs access faccessat faccessat2 open openat readlink readlinkat getcwd getdents64 "
        "mkdir mkdirat unlink unlinkat rmdir rename renameat renameat2 ftruncate fsync fdatasync fallocate "
        "fadvise64 sendfile copy_file_range dup dup2 dup3 pipe pipe2 poll ppoll select pselect6 umask "
        # memory
        "munmap mremap madvise msync brk "
        # threads
        "futex set_robust_list rseq set_tid_address membarrier exit exit_group sched_yield sched_getaffinity getcpu "
        "sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min "
        # time
        "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times "
        # what the process is
        "getpid gettid getppid getpgid getpgrp getsid getuid geteuid getgid getegid getresuid getresgid getgroups "
        "uname sysinfo getrusage getrlimit getpriority getrandom "
        # signals to itself
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait sigaltstack restart_syscall"
    )
)

REFUSED: Mapping[str, int] = {
    # The C library falls back to clone, whose arguments a filter can see.
    "clone3": errno.ENOSYS,
    "openat2": errno.ENOSYS,
    # Libraries go on without memory that has a descriptor, or is kept from being swapped out.
    **dict.fromkeys(_names("memfd_create mlock mlock2 munlock"), errno.ENOSYS),
    # NUMA libraries ask whether there are nodes.
    **dict.fromkeys(_names("get_mempolicy set_mempolicy mbind"), errno.ENOSYS),
    # Encoders ask for better scheduling and go on without.
    **dict.fromkeys(
        _names("sched_setaffinity sched_setattr sched_setparam sched_setscheduler setpriority"), errno.EPERM
    ),
    # Landlock does not govern what belongs to a file beside its content.
    **dict.fromkeys(
        _names("chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat"),
        errno.EPERM,
    ),
    **dict.fromkeys(
        _names(
            "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr setxattr lsetxattr fsetxattr removexattr "
            "lremovexattr fremovexattr"
        ),
        errno.ENOTSUP,
    ),
}
"""Calls that libraries try and do well without: they fail with an errno instead of ending the job."""

NEWER = 449
"""From this number on a call that is not named above fails with ``ENOSYS``, as on a kernel that does not have it: newer
versions of the C library try new calls first. The numbers above are the same on every machine."""
