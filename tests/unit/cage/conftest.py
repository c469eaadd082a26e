from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cage import Cage


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    with Cage("tests.support.captives:warm_up") as cage:
        yield cage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    return folder
