"""Passwords: which are taken, and how they are kept: as Argon2id (RFC 9106)."""

import asyncio
import itertools
import re
import unicodedata
from collections.abc import Sequence
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.api import InvalidInput

SHORTEST = 10
"""Characters. NIST SP 800-63B asks for 8 with a second factor and for more without; it refuses rules of composition."""
LONGEST = 1024
"""Bytes: hashing must not be made expensive by who asks."""
_DISTINCT = 4
_LEET = str.maketrans("013457@$!", "oieastasi")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class Passwords:
    """Hashes and verifies, one at a time: a flood of log-ins must not take the processors from renders.

    Memory and passes are OWASP's first choice for Argon2id: 19 MiB, 2 passes, 1 lane.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._one_at_a_time = asyncio.Semaphore(1)
        self._nobodys = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """Return what is kept of a password that ``check_password`` lets pass."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._hasher.hash, normal_password(password))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the kept one. Without a kept one it takes as long, and is False."""
        if len(password.encode("utf-8", "replace")) > LONGEST:
            return False
        async with self._one_at_a_time:
            is_right = await asyncio.to_thread(self._is_right, kept or self._nobodys, normal_password(password))
        return is_right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a password should be hashed anew, because it was with other parameters."""
        return self._hasher.check_needs_rehash(kept)

    def _is_right(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def normal_password(password: str) -> str:
    """Return a password as it is hashed: what is typed on one keyboard and on another is the same (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, *, about: Sequence[str] = ()) -> None:
    """Raise ``InvalidInput`` for a password that is too short or among the first to be guessed.

    ``about`` are words that others know of its owner, such as the address.
    """
    normal = normal_password(password)
    if len(normal.encode("utf-8", "replace")) > LONGEST:
        raise InvalidInput(f"must have at most {LONGEST} bytes", path="password")
    if len(normal) < SHORTEST:
        raise InvalidInput(f"must have at least {SHORTEST} characters", path="password", hint="Four words will do.")
    lowered = normal.casefold()
    known = {part for word in about for part in re.split(r"[\W_]+", word.casefold()) if len(part) > 3}
    known |= {word.casefold() for word in about}
    bare = {_EDGES.sub("", lowered), _EDGES.sub("", lowered).translate(_LEET), lowered.translate(_LEET)}
    if len(set(lowered)) < _DISTINCT or _is_a_row(lowered) or bare & (_common() | known | {""}):
        raise InvalidInput("is one of the first to be guessed", path="password", hint="Four words will do.")


def _is_a_row(password: str) -> bool:
    """Tell whether a password goes up or down step by step: ``1234567890``, ``zyxwvutsrq``."""
    steps = {(ord(after) - ord(before)) for before, after in itertools.pairwise(password)}
    return steps <= {1, -9} or steps <= {-1, 9}


def _common() -> frozenset[str]:
    return frozenset((files("tenants.accounts") / "common.txt").read_text(encoding="utf-8").split())
