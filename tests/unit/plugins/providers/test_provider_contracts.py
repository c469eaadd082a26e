"""The providers that need no network keep the contract of all."""

from pathlib import Path

from core.api.testing import check_provider
from plugins.providers import generator, library


def test_the_generator_keeps_the_contract(tmp_path: Path) -> None:
    [declared] = generator.reelhouse_asset_providers()
    for asset_id in (
        "beeps?duration=1",
        "flow?width=64&height=36&duration=0.2",
        "still?scene=waves&width=64&height=36",
    ):
        check_provider(declared, tmp_path / asset_id.split("?")[0], asset_id=asset_id, search="a")


def test_the_library_keeps_the_contract(tmp_path: Path) -> None:
    [declared] = library.reelhouse_asset_providers()
    root = tmp_path / "media"
    root.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.png", "f.wav", "g.srt", "h.cube"):
        (root / name).write_bytes(name.encode())
    check_provider(declared, tmp_path / "check", root=root)
