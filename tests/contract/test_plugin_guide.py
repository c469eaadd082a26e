"""The newcomer's path in docs/plugins.md: its commands run as they stand there."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from tests.contract.conftest import ROOT, make_environment

GUIDE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")


def test_the_commands_of_the_five_minutes_run(tmp_path: Path) -> None:
    section = GUIDE.partition("## An effect of your own, in five minutes")[2].partition("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert len(commands) == 4
    work = tmp_path / "work"
    work.mkdir()
    environment = make_environment(tmp_path / "venv", tmp_path / "home")
    done = environment.run("sh", "-eu", "-c", "\n".join(commands), cwd=work)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = re.search(r"^acme\.glow .*$", done.stdout, re.MULTILINE)
    assert listed is not None
    assert listed[0].split() == ["acme.glow", "0.1.0", "1", "effect", "active", "(not", "listed)"]
    assert "✓ effect acme.glow.negative" in done.stdout
    assert "2 passed" in done.stdout
    with Image.open(work / "try.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape == (360, 640, 3)
    # At 1.5 s the frame in the middle of which time stands is three quarters negative (frame 45: 45.5 / 60).
    share = 45.5 / 60
    corner = np.array([0x10, 0x20, 0x40])
    assert np.abs(pixels - (corner * (1 - share) + (255 - corner) * share)).max(axis=2).min() <= 3
