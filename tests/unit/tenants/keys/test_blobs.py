"""Sealed files: of any length, and refused when anything of them is missing, moved or from elsewhere."""

import os
import random
from uuid import UUID, uuid4

import pytest

from tenants.keys import BlobOpener, BlobSealer, Tampered, blob_key_version, sealed_size
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.tampering import spoilt

CHUNK = 64 * 1024
SEALED_CHUNK = CHUNK + 16
HEAD = 73
KEY = os.urandom(32)
TENANT = uuid4()
FILE = uuid4()


def sealed(plain: bytes, *, step: int = CHUNK, file: UUID = FILE, key_version: int = 1) -> bytes:
    sealer = BlobSealer(key=KEY, key_version=key_version, tenant=TENANT, file=file)
    parts = [sealer.update(plain[at : at + step]) for at in range(0, len(plain), step)]
    return b"".join([*parts, sealer.finish()])


def opened(
    blob: bytes, *, step: int = CHUNK, key: bytes = KEY, key_version: int = 1, tenant: UUID = TENANT, file: UUID = FILE
) -> bytes:
    opener = BlobOpener(key=key, key_version=key_version, tenant=tenant, file=file)
    parts = [opener.update(blob[at : at + step]) for at in range(0, len(blob), step)]
    return b"".join([*parts, opener.finish()])


@pytest.mark.parametrize(
    "size", [0, 1, 15, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK - 1, 5 * CHUNK + 77]
)
def test_a_file_of_any_length_comes_back(size: int) -> None:
    plain = os.urandom(size)
    blob = sealed(plain)
    assert opened(blob) == plain
    assert len(blob) == sealed_size(size)


@pytest.mark.parametrize("step", [1, 7, 4096, CHUNK - 1, CHUNK, SEALED_CHUNK, SEALED_CHUNK + 1, 10 * CHUNK])
def test_it_does_not_matter_in_what_pieces_it_comes(step: int) -> None:
    plain = os.urandom(2 * CHUNK + 5)
    assert opened(sealed(plain, step=step)) == plain == opened(sealed(plain), step=step)


def test_chunks_are_given_as_soon_as_they_are_proved() -> None:
    plain = os.urandom(3 * CHUNK)
    blob = sealed(plain)
    opener = BlobOpener(key=KEY, key_version=1, tenant=TENANT, file=FILE)
    assert opener.update(blob[: HEAD + SEALED_CHUNK]) == b""
    assert opener.update(blob[HEAD + SEALED_CHUNK :][:1]) == plain[:CHUNK]


def test_the_version_of_the_key_can_be_read_before_opening() -> None:
    assert blob_key_version(sealed(b"", key_version=41)[:12]) == 41
    for wrong in (b"", b"RHB1", b"RHB2" + bytes(8), b"ftypmp42" + bytes(60)):
        with pytest.raises(Tampered):
            blob_key_version(wrong)


@pytest.mark.parametrize("size", [0, 100, 3 * CHUNK, 3 * CHUNK + 1])
def test_a_file_that_was_cut_off_anywhere_is_refused(size: int) -> None:
    blob = sealed(os.urandom(size))
    luck = random.Random(size)
    borders = range(HEAD, len(blob), SEALED_CHUNK)
    ends = {0, 1, HEAD - 1, *borders, len(blob) - 1, *(luck.randrange(len(blob)) for _ in range(amount(100)))}
    for end in ends:
        with pytest.raises(Tampered):
            opened(blob[:end])


def test_a_file_that_was_never_finished_is_refused() -> None:
    sealer = BlobSealer(key=KEY, key_version=1, tenant=TENANT, file=FILE)
    with pytest.raises(Tampered):
        opened(sealer.update(os.urandom(2 * CHUNK + 1)))


def test_chunks_that_were_moved_repeated_left_out_or_added_are_refused() -> None:
    blob = sealed(os.urandom(4 * CHUNK + 9))
    head, body = blob[:HEAD], blob[HEAD:]
    chunks = [body[at : at + SEALED_CHUNK] for at in range(0, len(body), SEALED_CHUNK)]
    foreign = sealed(os.urandom(4 * CHUNK + 9))[HEAD:][:SEALED_CHUNK]
    first, second, third, fourth, last = chunks
    for spoiling in (
        [second, first, third, fourth, last],
        [first, second, third, last, fourth],
        [first, first, second, third, fourth, last],
        [first, third, fourth, last],
        [second, third, fourth, last],
        [first, second, third, fourth],
        [last],
        [first, second, third, fourth, last, last],
        [first, second, third, fourth, last, b"x"],
        [first, second, third, fourth, last, bytes(16)],
        [foreign, second, third, fourth, last],
        [first, foreign, third, fourth, last],
    ):
        with pytest.raises(Tampered):
            opened(head + b"".join(spoiling))


def test_heads_of_other_files_are_refused() -> None:
    one, other = sealed(os.urandom(200)), sealed(os.urandom(200), file=uuid4())
    with pytest.raises(Tampered):
        opened(other)
    with pytest.raises(Tampered):
        opened(other[:HEAD] + one[HEAD:])
    with pytest.raises(Tampered):
        opened(sealed(b"same file, sealed anew")[:HEAD] + one[HEAD:])


def test_a_file_opens_for_its_own_tenant_id_key_and_version_alone() -> None:
    blob = sealed(b"a video")
    assert opened(blob) == b"a video"
    with pytest.raises(Tampered):
        opened(blob, tenant=uuid4())
    with pytest.raises(Tampered):
        opened(blob, file=uuid4())
    with pytest.raises(Tampered):
        opened(blob, tenant=FILE, file=TENANT)
    with pytest.raises(Tampered):
        opened(blob, key=os.urandom(32))
    with pytest.raises(Tampered):
        opened(blob, key_version=2)
    with pytest.raises(Tampered):
        opened(blob[:4] + (2).to_bytes(8) + blob[12:], key_version=2)


def test_every_spoilt_file_is_refused() -> None:
    blob = sealed(os.urandom(300))
    refused = 0
    for spoiling in spoilt(blob, seed=3, count=amount(3_000)):
        with pytest.raises(Tampered):
            opened(spoiling)
        refused += 1
    counted(f"{refused} spoilt sealed files, all refused", refused=refused)


def test_every_spoilt_file_of_several_chunks_is_refused() -> None:
    blob = sealed(os.urandom(2 * CHUNK + 300))
    refused = 0
    for spoiling in spoilt(blob, seed=4, count=amount(500)):
        with pytest.raises(Tampered):
            opened(spoiling)
        refused += 1
    counted(f"{refused} spoilt sealed files of several chunks, all refused", refused=refused)
