"""The seccomp filter: a program for the kernel's packet filter machine that judges every system call of a process.

The machine and its data are those of ``linux/filter.h`` and ``linux/seccomp.h``
(https://docs.kernel.org/userspace-api/seccomp_filter.html). Numbers are little-endian on the machines we know.
"""

import ctypes
import errno
import struct
from collections.abc import Iterator, Mapping

from core.api import InvalidInput
from core.cage.allowances import ALLOWED, CONDITIONAL, NEWER, OWN_PROCESS, REFUSED, Test
from core.cage.kernel import system_call
from core.cage.numbers import NUMBERS

# Instructions: load a word of the call's description, mask it, jump when it is equal or not below, return.
_LOAD, _AND, _JUMP_EQUAL, _JUMP_NOT_BELOW, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
# Where the description (``struct seccomp_data``) has what.
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16

KILL, ALLOW, FAIL = 0x8000_0000, 0x7FFF_0000, 0x0005_0000

_AUDIT_ARCH: Mapping[str, int] = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_X32_BIT = 0x4000_0000
"""Set in the numbers of x86-64's second table of calls, which no filter by number alone would see."""

_SYS_SECCOMP: Mapping[str, int] = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_TSYNC = 1

type Instruction = tuple[int, int, int, int]
"""Operation, how far to jump when true and when false, operand."""


def assemble(machine: str, *, process: int, kills_offenders: bool) -> bytes:
    """Return the filter for ``machine`` and a ``process`` id.

    Forbidden calls end the process, or fail with ``EPERM`` when offenders are not killed; a call made through another
    machine's table ends it always. Raise ``InvalidInput`` for a machine whose calls are not known here.
    """
    if machine not in NUMBERS:
        raise InvalidInput(f"the system calls of {machine} machines are not known", hint="x86_64 and aarch64 are")
    otherwise = KILL if kills_offenders else FAIL | errno.EPERM
    program = list(_program(machine, process, otherwise))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)


def enforce(program: bytes, machine: str) -> None:
    """Put a filter in force for all threads of this process; it must have given up new privileges before."""
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    system_call(_SYS_SECCOMP[machine], _SET_MODE_FILTER, _TSYNC, described)


def is_offered(machine: str) -> bool:
    """Tell whether this kernel filters system calls and can end a whole process that offends."""
    if machine not in _SYS_SECCOMP:
        return False
    try:
        system_call(_SYS_SECCOMP[machine], _GET_ACTION_AVAIL, 0, struct.pack("=I", KILL))
    except OSError:
        return False
    return True


def _program(machine: str, process: int, otherwise: int) -> Iterator[Instruction]:
    numbers = NUMBERS[machine]
    yield _LOAD, 0, 0, _MACHINE
    yield _JUMP_EQUAL, 1, 0, _AUDIT_ARCH[machine]
    yield _RETURN, 0, 0, KILL
    yield _LOAD, 0, 0, _NUMBER
    if machine == "x86_64":
        yield _JUMP_NOT_BELOW, 0, 1, _X32_BIT
        yield _RETURN, 0, 0, KILL
    for name, rule in CONDITIONAL.items():
        if name in numbers:
            steps = [step for test in rule.tests for step in _tested(test, process, otherwise)]
            yield _JUMP_EQUAL, 0, len(steps) + 1, numbers[name]
            yield from steps
            yield _RETURN, 0, 0, ALLOW if rule.then is None else FAIL | rule.then
    for name in sorted(ALLOWED & numbers.keys()):
        yield _JUMP_EQUAL, 0, 1, numbers[name]
        yield _RETURN, 0, 0, ALLOW
    for name in sorted(REFUSED.keys() & numbers.keys()):
        yield _JUMP_EQUAL, 0, 1, numbers[name]
        yield _RETURN, 0, 0, FAIL | REFUSED[name]
    yield _JUMP_NOT_BELOW, 0, 1, NEWER
    yield _RETURN, 0, 0, FAIL | errno.ENOSYS
    yield _RETURN, 0, 0, otherwise


def _tested(test: Test, process: int, otherwise: int) -> Iterator[Instruction]:
    """Go on after these instructions when the test holds, else return."""
    verdict = otherwise if test.otherwise is None else FAIL | test.otherwise
    lower = _ARGUMENTS + 8 * test.argument
    for place in (lower, lower + 4) if test.is_pointer else (lower,):
        yield _LOAD, 0, 0, place
        if test.mask != 0xFFFF_FFFF:
            yield _AND, 0, 0, test.mask
        among = [process if value == OWN_PROCESS else value for value in test.among]
        for position, value in enumerate(among):
            yield _JUMP_EQUAL, len(among) - position, 0, value
        yield _RETURN, 0, 0, verdict
