"""Tests of the provider."""

from pathlib import Path

from my_plugin import COLOURS

from core.api.testing import check_provider


def test_the_provider_keeps_its_contract(tmp_path: Path) -> None:
    check_provider(COLOURS, tmp_path, search="green", asset_id="ff8800")
