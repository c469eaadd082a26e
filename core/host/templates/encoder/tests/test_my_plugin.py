"""Tests of the encoder."""

from pathlib import Path

from my_plugin import MKV

from core.api.testing import check_encoder


def test_the_encoder_keeps_its_contract(tmp_path: Path) -> None:
    check_encoder(MKV, tmp_path)
