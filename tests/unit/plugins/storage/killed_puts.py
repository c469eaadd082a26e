"""Put a file over another again and again, and be killed: before each of the steps that reach the disk, in turn.

Run as a program with a folder. Prints a JSON line for each kill: the step, and what was found afterwards.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from plugins.storage.local.store import LocalStorage

STEPS = ("fsync", "mkdir", "open", "rename", "replace", "unlink", "utime", "write")
OLD, NEW = b"old " * 1000, b"new!" * 1000
KEY = "a/b/film.mp4"


def main(folder: Path) -> None:
    """Kill before step 1, 2, 3 … until a put lives through."""
    for name, content in (("old", OLD), ("new", NEW)):
        (folder / name).write_bytes(content)
    step, is_killed = 0, True
    while is_killed:
        step += 1
        root = folder / f"store-{step}"
        asyncio.run(put(root, folder / "old", "x/old"))
        is_killed = killed_at(step, root, folder / "new")
        found = asyncio.run(look(root))
        sys.stdout.write(json.dumps({"step": step, "is_killed": is_killed, **found}) + "\n")


def killed_at(step: int, root: Path, source: Path) -> bool:
    """Put in a child that kills itself before its step; tell whether it came so far."""
    child = os.fork()
    if not child:
        store = LocalStorage.open(root)
        count_down(step)
        asyncio.run(store.put(KEY, source, content_type="x/new"))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def count_down(left: int) -> None:
    """Make the call number ``left`` of those that reach the disk the last thing that happens."""

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def counting(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return counting

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


async def put(root: Path, source: Path, content_type: str) -> None:
    store = LocalStorage.open(root)
    await store.put(KEY, source, content_type=content_type)
    store._threads.shutdown()  # before the next fork


async def look(root: Path) -> dict[str, object]:
    """Open the store as a process that starts again does; say what is there, and what is left once it is deleted."""
    store = LocalStorage.open(root)
    stored = await store.stat(KEY)
    content = b"".join([chunk async for chunk in store.read(KEY)])
    listed = [each.key async for each in store.list()]
    await store.delete(KEY)
    store._threads.shutdown()
    return {
        "content": {OLD: "old", NEW: "new"}.get(content, "a mix"),
        "content_type": stored.content_type,
        "is_hash_right": stored.sha256 == sha256(content).hexdigest(),
        "keys": listed,
        "left": left_in(root),
    }


def left_in(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if path.is_file() and path.name != "lock"]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
