"""The filter's verdicts, by an interpreter of our own for the kernel's machine, on every machine we know."""

import errno
import struct
from collections.abc import Sequence

import pytest
import seccompy.syscalls

from core.api import InvalidInput
from core.cage.allowances import ALLOWED, CONDITIONAL, REFUSED
from core.cage.filter import ALLOW, FAIL, KILL, assemble
from core.cage.numbers import NUMBERS

MACHINES = ("x86_64", "aarch64")
SECOND_OPINION = {
    "x86_64": (seccompy.syscalls.AUDIT_ARCH_X86_64, seccompy.syscalls.X86_64_SYSCALLS),
    "aarch64": (seccompy.syscalls.AUDIT_ARCH_AARCH64, seccompy.syscalls.AARCH64_SYSCALLS),
}
PROCESS = 4321
FIRST_NEW, HIGHEST_NUMBER = 449, 1024
REFUSED_BY_POLICY = FAIL | errno.EPERM


def run(program: bytes, architecture: int, number: int, arguments: Sequence[int] = ()) -> int:
    """Run a program of the classic packet filter over ``struct seccomp_data``, as linux/filter.h describes it."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    call = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    instructions = list(struct.iter_unpack("<HBBI", program))
    accumulator = position = 0
    while True:
        operation, if_true, if_false, operand = instructions[position]
        position += 1
        match operation:
            case 0x20:
                [accumulator] = struct.unpack_from("<I", call, operand)
            case 0x54:
                accumulator &= operand
            case 0x15:
                position += if_true if accumulator == operand else if_false
            case 0x35:
                position += if_true if accumulator >= operand else if_false
            case 0x06:
                return operand
            case _:
                raise AssertionError(f"operation {operation:#x}")


def judge(name: str, *arguments: int, machine: str = "x86_64", kills_offenders: bool = True) -> int:
    program = assemble(machine, process=PROCESS, kills_offenders=kills_offenders)
    return run(program, SECOND_OPINION[machine][0], NUMBERS[machine][name], arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_our_numbers_are_those_of_a_second_implementation(machine: str) -> None:
    _, numbers = SECOND_OPINION[machine]
    assert {name: numbers.get(name) for name in NUMBERS[machine]} == dict(NUMBERS[machine])


def test_every_name_is_known_and_no_number_is_unused() -> None:
    named = ALLOWED | REFUSED.keys() | CONDITIONAL.keys()
    assert set().union(*NUMBERS.values()) == named
    assert len(named) == len(ALLOWED) + len(REFUSED) + len(CONDITIONAL)


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_not_named_are_fatal_and_new_ones_are_as_if_they_did_not_exist(machine: str) -> None:
    program = assemble(machine, process=PROCESS, kills_offenders=True)
    architecture, _ = SECOND_OPINION[machine]
    names = {number: name for name, number in NUMBERS[machine].items()}
    for number in range(HIGHEST_NUMBER):
        name = names.get(number)
        if name in CONDITIONAL:
            continue
        if name is None:
            expected = FAIL | errno.ENOSYS if number >= FIRST_NEW else KILL
        else:
            expected = ALLOW if name in ALLOWED else FAIL | REFUSED[name]
        assert run(program, architecture, number) == expected, name or number


@pytest.mark.parametrize("kills_offenders", [True, False])
def test_calls_through_another_table_are_always_fatal(kills_offenders: bool) -> None:
    program = assemble("x86_64", process=PROCESS, kills_offenders=kills_offenders)
    i386, x32_bit = 0x40000003, 0x40000000
    x86_64, _ = SECOND_OPINION["x86_64"]
    assert run(program, i386, NUMBERS["x86_64"]["read"]) == KILL
    assert run(program, x86_64, x32_bit | NUMBERS["x86_64"]["read"]) == KILL
    assert run(program, x86_64, NUMBERS["x86_64"]["read"]) == ALLOW


def test_offenders_that_are_not_killed_are_refused() -> None:
    assert judge("clone", 17, kills_offenders=False) == REFUSED_BY_POLICY
    program = assemble("x86_64", process=PROCESS, kills_offenders=False)
    assert run(program, SECOND_OPINION["x86_64"][0], 101) == REFUSED_BY_POLICY  # ptrace


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_may_be_made_and_neither_processes_nor_namespaces(machine: str) -> None:
    thread = 0x3D0F00  # what the C library asks for: CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, tids
    assert judge("clone", thread, machine=machine) == ALLOW
    assert judge("clone", 17, machine=machine) == KILL  # SIGCHLD: fork
    assert judge("clone", 0x4111, machine=machine) == KILL  # CLONE_VM and CLONE_VFORK: posix_spawn
    for namespace in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert judge("clone", thread | namespace, machine=machine) == KILL
    assert judge("clone3", machine=machine) == FAIL | errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide_where_a_call_can_reach_out(machine: str) -> None:
    def verdict(name: str, *arguments: int) -> int:
        return judge(name, *arguments, machine=machine)

    assert verdict("tgkill", PROCESS, 7, 6) == ALLOW
    assert verdict("tgkill", PROCESS + 1, 7, 6) == KILL
    assert verdict("fcntl", 3, 1030) == ALLOW
    assert verdict("fcntl", 3, 8) == FAIL | errno.EINVAL  # F_SETOWN sends signals
    assert verdict("ioctl", 1, 0x5401) == ALLOW
    assert verdict("ioctl", 0, 0x5412) == FAIL | errno.ENOTTY  # TIOCSTI types into terminals
    assert verdict("prctl", 15) == ALLOW
    assert verdict("prctl", 1) == FAIL | errno.EPERM  # PR_SET_PDEATHSIG would let it outlive the host
    assert verdict("prlimit64", 0, 7, 0, 1) == ALLOW
    assert verdict("prlimit64", 99, 7, 0, 1) == FAIL | errno.EPERM
    assert verdict("prlimit64", 0, 7, 0x1000) == FAIL | errno.EPERM
    assert verdict("prlimit64", 0, 7, 0x1_0000_0000) == FAIL | errno.EPERM
    for name in ("mmap", "mprotect"):
        assert verdict(name, 0, 4096, 3) == ALLOW
        assert verdict(name, 0, 4096, 5) == ALLOW
        assert verdict(name, 0, 4096, 7) == FAIL | errno.EPERM
    assert verdict("socket", 1) == FAIL | errno.EACCES
    assert verdict("socket", 2) == KILL


def test_upper_halves_of_arguments_do_not_hide_what_the_kernel_would_see() -> None:
    high = 0xFFFF_FFFF_0000_0000
    assert judge("clone", high | 17) == KILL
    assert judge("socket", high | 2) == KILL


def test_a_machine_whose_calls_are_unknown_is_refused() -> None:
    with pytest.raises(InvalidInput, match="riscv64"):
        assemble("riscv64", process=PROCESS, kills_offenders=True)
