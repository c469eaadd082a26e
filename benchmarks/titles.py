"""Titles as pictures, for tools that do not have our painter: drawn once by ``reelhouse frame``, then cropped."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.material import Material
from benchmarks.scenes import Box, Title, TitlePicture
from benchmarks.tools.reelhouse import PROGRAM, title_clip


def draw(material: Material, titles: tuple[Title, ...], home: Path) -> tuple[Title, ...]:
    """Return the titles with their pictures, which lie beside the material; the same text is drawn once."""
    drawn: dict[str, TitlePicture] = {}
    for title in titles:
        if title.text not in drawn:
            drawn[title.text] = _picture(material, title, len(drawn), home)
    return tuple(replace(title, picture=drawn[title.text]) for title in titles)


def covered(alpha: np.ndarray) -> Box:
    """Return the smallest box of even pixels that holds all that is not clear; raise ``ValueError`` if nothing is."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not rows.size:
        raise ValueError("the picture is empty")
    left, top = int(columns[0]) // 2 * 2, int(rows[0]) // 2 * 2
    right, bottom = (int(columns[-1]) + 2) // 2 * 2, (int(rows[-1]) + 2) // 2 * 2
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def _picture(material: Material, title: Title, number: int, home: Path) -> TitlePicture:
    form = material.format
    document = {
        "version": 1,
        "output": {"width": form.width, "height": form.height, "fps": form.fps, "background": "#00000000"},
        "tracks": [{"clips": [title_clip(replace(title, start=0, duration=1))]}],
    }
    timeline, path = material.folder / f"title{number}.json", material.folder / f"title{number}.png"
    timeline.write_text(json.dumps(document))
    subprocess.run(
        [PROGRAM, "frame", timeline, "--at", "0.5", "-o", path],
        env={"REELHOUSE_HOME": str(home), "PATH": str(PROGRAM.parent)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with Image.open(path) as whole:
        rgba = whole.convert("RGBA")
    box = covered(np.asarray(rgba)[..., 3])
    rgba.crop((box.x, box.y, box.x + box.width, box.y + box.height)).save(path)
    return TitlePicture(path=path, box=box)
