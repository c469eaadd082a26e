"""docs/storage.md describes every setting, with its default."""

import re
from pathlib import Path

import pytest
from stores import LOCAL, S3

from core.api import StorageBackend

TEXT = (Path(__file__).parents[4] / "docs" / "storage.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("backend", [LOCAL, S3], ids=lambda backend: backend.id)
def test_every_setting_is_described_with_its_default(backend: StorageBackend) -> None:
    rows = {name: line for line in TEXT.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)}
    for parameter in backend.params:
        assert parameter.name in rows, f"{parameter.name} is not in docs/storage.md"
        if isinstance(parameter.default, int):
            assert re.search(rf"\b{parameter.default}\b", rows[parameter.name]), f"{parameter.name} has another default"
