"""The proof: a small job that tries what no caged job may do, for ``reelhouse doctor`` to show on this very kernel."""

import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.api import JsonValue
from core.cage.cage import Cage
from core.cage.offer import KernelOffer
from core.cage.policy import WEAK
from core.cage.profiles import PROBE


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the kernel offers, and which attempts were refused when they were made in a cage."""

    offer: KernelOffer
    refused: Mapping[str, bool]

    @property
    def holds(self) -> bool:
        """Whether every attempt was refused."""
        return all(self.refused.values())


def prove() -> Proof:
    """Start a cage that takes any kernel, and make the attempts in it."""
    with tempfile.TemporaryDirectory(prefix="reelhouse-proof-") as scratch:
        folder, secret = Path(scratch) / "job", Path(scratch) / "secret"
        folder.mkdir()
        secret.write_text("not for jobs")
        with Cage(f"{__name__}:nothing", policy=replace(WEAK, kills_offenders=False)) as cage:
            offer = cage.offer()
            tried = cage.run(try_all, str(secret), profile=PROBE, folder=folder)
    assert isinstance(tried, dict)
    return Proof(offer=offer, refused={name: bool(is_refused) for name, is_refused in tried.items()})


def nothing() -> None:
    """Do nothing: as a warm-up, since the attempts need nothing else, and as a job whose cost is the cage's own."""


def try_all(secret: str) -> dict[str, JsonValue]:
    """Make each attempt in the job; tell whether it was refused."""
    attempts: Mapping[str, Callable[[], object]] = {
        "read a file outside the job's folder": partial(_open, secret, os.O_RDONLY),
        "write outside the job's folder": partial(_open, f"{secret}.copy", os.O_WRONLY | os.O_CREAT),
        "read another process's environment": partial(_open, f"/proc/{os.getppid()}/environ", os.O_RDONLY),
        "open a network socket": _open_socket,
        "start a process": _fork,
        "take more memory than granted": partial(bytearray, 2 * PROBE.memory),
    }
    return {name: _is_refused(attempt) for name, attempt in attempts.items()}


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError):
        return True
    return False


def _open(path: str, flags: int) -> None:
    os.close(os.open(path, flags, 0o600))


def _open_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
