"""The master key in the environment: read once, and then nowhere to be found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenants.keys import LocalMasterKey, MasterKeyInvalid
from tenants.keys.sources import MasterRequest, open_masters

KEY, OLDER = bytes(range(32)), bytes(range(1, 33))
NAME = "REELHOUSE_MASTER_KEY"


def request(home: Path) -> MasterRequest:
    return MasterRequest(home=home, settings=os.environ)


@pytest.mark.parametrize("text", [KEY.hex(), f"{KEY.hex()}\n"], ids=["bare", "with its line"])
def test_the_key_is_taken_and_leaves_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(NAME, text)
    assert [master.id for master in open_masters(request(tmp_path))] == [LocalMasterKey(KEY).id]
    assert NAME not in os.environ
    seen = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
    assert NAME not in seen
    assert KEY.hex() not in seen
    assert list(tmp_path.iterdir()) == []


def test_older_keys_follow_the_one_that_wraps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, f"{KEY.hex()} {OLDER.hex()}")
    assert [master.id for master in open_masters(request(tmp_path))] == [
        LocalMasterKey(KEY).id,
        LocalMasterKey(OLDER).id,
    ]


@pytest.mark.parametrize(
    "text", ["secret-but-no-key", " ", KEY.hex()[:-2], "0" * 64], ids=["words", "blank", "short", "zeros"]
)
def test_a_malformed_key_is_refused_is_not_told_and_is_gone_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(MasterKeyInvalid) as caught:
        open_masters(request(tmp_path))
    assert "secret-but" not in str(caught.value)
    assert KEY.hex()[:8] not in str(caught.value)
    assert NAME not in os.environ
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_read_once_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, KEY.hex())
    monkeypatch.setenv("REELHOUSE_MASTER_SOURCES", "environment")
    open_masters(request(tmp_path))
    with pytest.raises(MasterKeyInvalid, match="read before"):
        open_masters(request(tmp_path))


def test_the_kernel_s_own_copy_is_wiped(tmp_path: Path) -> None:
    program = f"""
import os, pathlib
from tenants.keys.sources import MasterRequest, open_masters
before = pathlib.Path("/proc/self/environ").read_bytes()
open_masters(MasterRequest(home=pathlib.Path({str(tmp_path)!r}), settings=os.environ))
after = pathlib.Path("/proc/self/environ").read_bytes()
key = bytes(range(32)).hex().encode()
print(key in before, key in after, os.environ.get("KEPT"))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, NAME: KEY.hex(), "KEPT": "as it was"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True False as it was\n"
