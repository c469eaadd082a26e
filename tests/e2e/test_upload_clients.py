"""Uploads by clients of others, over a line that breaks: nothing is lost, and memory does not grow with the file."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.amount import amount
from tests.support.api_host import api_host
from tests.support.cutting import cutting
from tests.support.installing import LISTS, NODE, node_peer, python_peer

MIB = 2**20
SIZE = amount(1000) * MIB
CHUNK = 8 * MIB


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mov"
    noise = random.Random(4).randbytes(MIB)
    with path.open("wb") as file:
        for number in range(SIZE // MIB):
            file.write(number.to_bytes(4, "big") + noise[4:])
    return path


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[tuple[str, int]]:
    async with api_host(tmp_path / "home") as running:
        yield running


def peak_memory(process: int) -> int:
    """Return the most bytes of memory that a process has used."""
    [line] = [each for each in Path(f"/proc/{process}/status").read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.parametrize("client", ["tus-js-client", "tuspy"])
async def test_a_large_file_comes_over_a_line_that_breaks(
    tmp_path: Path, film: Path, host: tuple[str, int], client: str
) -> None:
    url, process = host
    cuts = [300_000, 5 * MIB, 7 * MIB, 100_000, 2 * MIB]
    before = peak_memory(process)
    async with cutting(int(url.rpartition(":")[2]), cuts) as line:
        endpoint = f"http://127.0.0.1:{line.port}/api/v1/uploads"
        if client == "tuspy":
            command = [python_peer(client) / "bin" / "python", LISTS / client / "upload.py", endpoint, film, str(CHUNK)]
        else:
            folder = node_peer(client)
            (folder / "upload.mjs").write_bytes((LISTS / client / "upload.mjs").read_bytes())
            command = [NODE, folder / "upload.mjs", endpoint, film, str(SIZE)]  # all of it in one request
        sending = await asyncio.create_subprocess_exec(
            *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        told, complained = await sending.communicate()
        assert sending.returncode == 0, complained.decode()
        assert line.cuts == len(cuts)
    upload = json.loads(told)["url"].rpartition("/")[2]
    [came] = (tmp_path / "home" / "uploads").glob(f"*/{upload}")
    assert (came.stat().st_size, digest(came)) == (SIZE, digest(film))
    assert peak_memory(process) - before < 64 * MIB
