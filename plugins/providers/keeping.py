"""Keeping what was made: speech and pictures cost time or money, so the same request is not made twice."""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from weakref import WeakKeyDictionary

from core.api import JsonValue

_MAKING = "making-"


class Kept:
    """A folder of what was made, each in a folder of its own, at most ``most`` of them: the oldest go first.

    One at a time is made in each event loop.
    """

    def __init__(self, folder: Path, *, most: int) -> None:
        self._folder = folder
        self._most = most
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def get(self, request: JsonValue, make: Callable[[Path], Awaitable[None]]) -> Path:
        """Return the folder in which ``make`` has put what was asked for, be it now or earlier.

        ``request`` is everything that can change the result. What ``make`` raises is raised, and nothing is kept.
        """
        kept = self._folder / hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:32]
        async with self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            if not kept.is_dir():
                await self._make(kept, make)
            os.utime(kept)
            await asyncio.to_thread(self._forget_oldest)
            return kept

    async def _make(self, kept: Path, make: Callable[[Path], Awaitable[None]]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_MAKING, dir=self._folder))
        try:
            await make(folder)
            await asyncio.to_thread(_put, folder, kept)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _forget_oldest(self) -> None:
        kept = [each for each in self._folder.iterdir() if not each.name.startswith(_MAKING)]
        for old in sorted(kept, key=lambda each: each.stat().st_mtime_ns)[: -self._most]:
            shutil.rmtree(old, ignore_errors=True)


def _put(folder: Path, kept: Path) -> None:
    """Put what is finished in its place, unless another process was there first: both will do."""
    try:
        folder.rename(kept)
    except OSError:
        if not kept.is_dir():
            raise
