"""Staging files: what comes is kept, in order, once; what is promised by a checksum is kept whole or not at all."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tenants.library import staging as staging_module
from tenants.library.failures import ChecksumMismatch, StorageFull, TooLarge, UploadBusy, WrongOffset
from tenants.library.staging import Checksum, Staging

TENANT, UPLOAD = uuid4(), uuid4()


class BrokenOff(Exception):
    """What a sender's connection raises."""


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    made = Staging(tmp_path)
    made.make(TENANT, UPLOAD)
    return made


async def parts(*given: bytes, breaks: bool = False) -> AsyncIterator[bytes]:
    for each in given:
        yield each
    if breaks:
        raise BrokenOff


def kept(staging: Staging, upload: UUID = UPLOAD) -> bytes:
    return staging.path(TENANT, upload).read_bytes()


def names(staging: Staging) -> set[str]:
    return {path.name for path in staging.path(TENANT, UPLOAD).parent.iterdir()}


async def test_parts_follow_each_other(staging: Staging) -> None:
    assert await staging.append(TENANT, UPLOAD, parts(b"ab", b"", b"c"), offset=0, size=6) == 3
    assert await staging.append(TENANT, UPLOAD, parts(b"def"), offset=3, size=6) == 6
    assert (kept(staging), staging.offset(TENANT, UPLOAD)) == (b"abcdef", 6)


async def test_large_parts_are_written_as_they_come(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(staging_module, "WRITE_BYTES", 1000)

    async def watched() -> AsyncIterator[bytes]:
        for number in range(50):
            seen.append(staging.offset(TENANT, UPLOAD) or 0)
            yield bytes([number]) * 300

    await staging.append(TENANT, UPLOAD, watched(), offset=0, size=15_000)
    assert max(number * 300 - on_disk for number, on_disk in enumerate(seen)) <= 1000
    assert kept(staging) == b"".join(bytes([number]) * 300 for number in range(50))


async def test_a_part_that_begins_elsewhere_is_refused(staging: Staging) -> None:
    await staging.append(TENANT, UPLOAD, parts(b"abc"), offset=0, size=6)
    for offset in (0, 2, 4):
        with pytest.raises(WrongOffset) as refused:
            await staging.append(TENANT, UPLOAD, parts(b"xyz"), offset=offset, size=6)
        assert refused.value.offset == 3
    assert kept(staging) == b"abc"


async def test_what_came_before_the_sender_broke_off_is_kept(staging: Staging) -> None:
    with pytest.raises(BrokenOff):
        await staging.append(TENANT, UPLOAD, parts(b"abc", breaks=True), offset=0, size=6)
    assert kept(staging) == b"abc"
    assert await staging.append(TENANT, UPLOAD, parts(b"def"), offset=3, size=6) == 6


async def test_what_came_before_the_request_was_cancelled_is_kept(staging: Staging) -> None:
    came = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"abc"
        came.set()
        await asyncio.Event().wait()

    sending = asyncio.create_task(staging.append(TENANT, UPLOAD, slow(), offset=0, size=6))
    await came.wait()
    sending.cancel()
    await asyncio.wait([sending])
    assert sending.cancelled()
    assert kept(staging) == b"abc"


async def test_more_than_was_announced_is_not_kept(staging: Staging) -> None:
    with pytest.raises(TooLarge):
        await staging.append(TENANT, UPLOAD, parts(b"abcd", b"efgh", b"ijkl"), offset=0, size=6)
    assert kept(staging) == b"abcdef"


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
async def test_a_checksum_is_held_to(staging: Staging, algorithm: str) -> None:
    right = Checksum(algorithm=algorithm, digest=hashlib.new(algorithm, b"abcdef").digest())
    assert await staging.append(TENANT, UPLOAD, parts(b"abc", b"def"), offset=0, size=9, checksum=right) == 6
    for sent in (parts(b"gh", b"j"), parts(b"gh"), parts()):
        wrong = Checksum(algorithm=algorithm, digest=hashlib.new(algorithm, b"ghi").digest())
        with pytest.raises(ChecksumMismatch):
            await staging.append(TENANT, UPLOAD, sent, offset=6, size=9, checksum=wrong)
    with pytest.raises(BrokenOff):
        await staging.append(TENANT, UPLOAD, parts(b"ghi", breaks=True), offset=6, size=9, checksum=wrong)
    assert (kept(staging), names(staging)) == (b"abcdef", {str(UPLOAD)})


async def test_one_sends_at_a_time(staging: Staging) -> None:
    asked, may_end = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        asked.set()
        await may_end.wait()
        yield b"abc"

    sending = asyncio.create_task(staging.append(TENANT, UPLOAD, slow(), offset=0, size=6))
    await asked.wait()
    with pytest.raises(UploadBusy):
        await staging.append(TENANT, UPLOAD, parts(b"xyz"), offset=0, size=6)
    may_end.set()
    assert (await sending, kept(staging)) == (3, b"abc")


async def test_a_full_disk_is_told_and_what_came_before_is_kept(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    await staging.append(TENANT, UPLOAD, parts(b"abc"), offset=0, size=9)
    real = os.write

    def full(file: int, data: memoryview) -> int:
        if len(data) > 1:
            return real(file, data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageFull):
        await staging.append(TENANT, UPLOAD, parts(b"def"), offset=3, size=9)
    monkeypatch.undo()
    assert kept(staging) == b"abcde"
    assert await staging.append(TENANT, UPLOAD, parts(b"f"), offset=5, size=9) == 6


async def test_files_that_nothing_came_to_are_swept(staging: Staging) -> None:
    other = uuid4()
    staging.make(TENANT, other)
    os.utime(staging.path(TENANT, other), (0, 0))
    assert await asyncio.to_thread(staging.sweep, datetime(2000, 1, 1, tzinfo=UTC)) == 1
    assert names(staging) == {str(UPLOAD)}
    assert staging.offset(TENANT, other) is None


def test_the_files_are_for_their_owner_alone(staging: Staging) -> None:
    path = staging.path(TENANT, UPLOAD)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(FileExistsError):
        staging.make(TENANT, UPLOAD)
