"""Files of every kind that strangers give, spoilt in thousands of ways: each ends as a value or a typed error."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.api import MediaError, ReelhouseError
from core.cage import PROBE, Cage, CageFailure, CageLost, CageRefused, ForbiddenCall, JobCrashed
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.mutants import Mutant, mutants
from tests.support.seeds import SEEDS, write_seeds
from tests.support.tasting import taste

FILES = amount(10_000)
SEED = 3
PATIENCE = 1.0
"""How much later than its deadline a job may be gone (seconds)."""


@pytest.fixture(scope="module")
def cage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cage]:
    with Cage("tests.support.tasting:warm_up", tmp_path_factory.mktemp("home")) as cage:
        yield cage


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return write_seeds(tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("kind", SEEDS)
def test_a_seed_itself_is_sound(cage: Cage, tmp_path: Path, kind: str, seeds: dict[str, bytes]) -> None:
    path = tmp_path / f"sound.{kind}"
    path.write_bytes(seeds[kind])
    (tmp_path / "job").mkdir()
    found = cage.run(taste, path, kind, profile=PROBE, folder=tmp_path / "job", read_only=[tmp_path])
    assert isinstance(found, str)


def test_no_spoilt_file_does_harm_and_each_has_a_typed_end(
    cage: Cage, tmp_path: Path, seeds: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    ends: Counter[str] = Counter()
    crashes: list[str] = []
    unforeseen: list[str] = []
    late: list[str] = []
    (tmp_path / "job").mkdir()
    (tmp_path / "given").mkdir()
    for mutant in mutants(seeds, FILES, seed=SEED):
        started = time.monotonic()
        error = _end_of(mutant, cage, tmp_path)
        if time.monotonic() - started > PROBE.deadline + PATIENCE:
            late.append(_named(mutant))
        if isinstance(error, JobCrashed):
            crashes.append(f"{_named(mutant)}: {error}")
        ends["sound enough" if error is None else error.code] += 1
        if isinstance(error, CageFailure | CageLost | CageRefused | ForbiddenCall):
            unforeseen.append(f"{_named(mutant)}: {error}\n{error.log}")
        if isinstance(error, MediaError) and not str(error).startswith(f"mutant.{mutant.kind}: "):
            unforeseen.append(f"{_named(mutant)}: {error}")
    counted(f"{FILES} spoilt files: " + ", ".join(f"{count} {end}" for end, count in ends.most_common()))
    print("\n".join(crashes))  # noqa: T201 - to be seen where it fails
    assert unforeseen == []
    assert late == []
    assert sum(ends.values()) == FILES
    assert ends["sound enough"] > FILES // 10, "they are spoilt so badly that decoders hardly see them"
    assert ends["media_error"] > FILES // 10


def _end_of(mutant: Mutant, cage: Cage, folder: Path) -> ReelhouseError | None:
    """Return what the engine raised over a file; nothing but what was given may lie in the job's folders."""
    path = folder / "given" / f"mutant.{mutant.kind}"
    path.write_bytes(mutant.content)
    error = None
    try:
        cage.run(taste, path, mutant.kind, profile=PROBE, folder=folder / "job", read_only=[path.parent])
    except ReelhouseError as err:
        error = err
    assert list((folder / "job").iterdir()) == []
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == mutant.content
    path.unlink()
    return error


def _named(mutant: Mutant) -> str:
    return f"number {mutant.number}, {mutant.kind}: {', '.join(mutant.ways)}"
