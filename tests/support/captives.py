"""Jobs for tests of the cage, good and bad, and what runs a cage from another process."""

import ctypes
import errno
import fcntl
import importlib
import json
import os
import signal
import struct
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.api import JsonValue, MediaError, PluginFailed
from core.cage import PROBE, Cage, tell

CHANNEL = 3


def warm_up() -> None:
    """Nothing but what is imported here: preparing a matrix makes NumPy load all that it loads late."""
    np.linalg.inv(np.eye(3))


def warm_up_badly() -> None:
    raise ValueError("a plugin broke")


def warm_up_and_crash() -> None:
    os.write(1, b"so far so good\n")
    os.kill(os.getpid(), signal.SIGSEGV)


def warm_up_with_a_thread() -> None:
    threading.Thread(target=time.sleep, args=(3600,), name="left behind", daemon=True).start()


def nothing() -> None:
    """Do nothing."""


def add(first: int, second: int) -> JsonValue:
    return {"sum": first + second}


def what_it_sees() -> JsonValue:
    return {
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "temporary": tempfile.mkdtemp(),
        "user": os.getuid(),
        "descriptors": [fd for fd in range(4096) if _is_open(fd)],
        "standard input": os.read(0, 10).decode(),
        "threads": threading.active_count(),
    }


def read(path: str) -> JsonValue:
    try:
        return Path(path).read_text()
    except PermissionError as err:
        return err.errno


def write(name: str, text: str) -> JsonValue:
    return Path(name).write_text(text)


def import_late(name: str) -> JsonValue:
    return str(importlib.import_module(name).__name__)


def count_to(number: int) -> JsonValue:
    for each in range(number):
        tell(each)
    return number


def tell_from_threads(threads: int, each: int) -> JsonValue:
    def say(number: int) -> None:
        for turn in range(each):
            tell([number, turn, "x" * 5000])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(say, range(threads)))
    return None


def tell_and_wait() -> None:
    tell("waiting")
    time.sleep(3600)


def fail_with(kind: str) -> JsonValue:
    sys.stdout.write("this was printed")
    match kind:
        case "media":
            raise MediaError("clip.mp4: can't be read", hint="try another")
        case "plugin":
            raise PluginFailed(plugin="acme.x", contribution="blur", cause="it raised", path="tracks[0]")
        case "unforeseen":
            raise ZeroDivisionError("by zero")
        case "exit":
            sys.exit(7)
        case "memory in disguise":
            try:
                bytearray(2**50)
            except MemoryError as err:
                raise MediaError("clip.mp4: can't be decoded") from err
        case "disk in disguise":
            raise MediaError("out.mp4: can't be written") from OSError(errno.EFBIG, "File too large")
        case "not plain":
            return {1, 2}  # type: ignore[return-value]  # what is wrong with it
        case "too large":
            return "x" * 2**21
    return None


def take(count: int) -> JsonValue:
    return len(bytearray(count))


def take_in_native_code() -> JsonValue:
    """Allocate and touch memory until there is none, as a decoder does that does not check."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while True:
        ctypes.memset(libc.malloc(ctypes.c_size_t(2**22)), 1, 2**22)


def burn() -> None:
    while True:
        pass


def burn_whatever_the_signal() -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    burn()


def fill_one_file() -> None:
    with Path("large").open("wb") as file:
        while True:
            file.write(bytes(2**20))


def fill_many_files(size: int) -> None:
    for number in range(10**9):
        Path(f"part-{number}").write_bytes(b"x" * size)


def fill_folders() -> None:
    for number in range(10**9):
        Path(f"deep-{number % 10}/{number}").mkdir(parents=True)


def start_threads() -> None:
    threading.stack_size(2**16)
    try:
        while True:
            threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    except RuntimeError:
        tell("no more")
        time.sleep(3600)


def fork_without_end() -> None:
    while True:
        os.fork()


def crash() -> None:
    ctypes.string_at(0)


def abort() -> None:
    os.abort()


def end_at_once() -> None:
    os._exit(0)


def send_raw(*parts: bytes) -> None:
    """Send what no honest job would, as a captured one can, and wait to be ended."""
    for part in parts:
        view = memoryview(part)
        while view:
            view = view[os.write(CHANNEL, view) :]
    time.sleep(3600)


def pretend(text: bytes | None) -> None:
    """Send a message of one's own, or the half of one, and end as if all was well."""
    os.write(CHANNEL, b"\0\0\1" if text is None else message(text))
    os._exit(0)


def message(text: bytes) -> bytes:
    return struct.pack("!I", len(text)) + text


def flood() -> None:
    chunk = message(b'["told",0]') * 1000
    while True:
        os.write(CHANNEL, chunk)


def _is_open(fd: int) -> bool:
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
    except OSError:
        return False
    return True


def zygote_of(cage: Cage) -> int:
    zygote = cage._keeper._zygote
    assert zygote is not None
    return zygote._process.pid


def host(folder: str) -> None:
    """Run a job that waits for ever; print which processes there are, with a copy of the host that has its sockets."""
    is_waiting = threading.Event()
    with Cage(f"{__name__}:warm_up") as cage:
        job = cage.start(tell_and_wait, profile=PROBE, folder=Path(folder), on_message=lambda _: is_waiting.set())
        is_waiting.wait()
        copy = os.fork()
        if copy == 0:
            time.sleep(3600)
        processes = {"zygote": zygote_of(cage), "job": job.pid, "copy": copy}
        sys.stdout.write(json.dumps(processes) + "\n")
        sys.stdout.flush()
        job.result()
