"""Tests of the store."""

from pathlib import Path

from my_plugin import FOLDER

from core.api.testing import check_storage


def test_the_store_keeps_its_contract(tmp_path: Path) -> None:
    check_storage(FOLDER, tmp_path / "check", config={"folder": str(tmp_path / "objects")})
