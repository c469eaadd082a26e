"""MoviePy 2, in an environment of its own: it pins an old Pillow."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import Command
from benchmarks.scenes import (
    AUDIO_BIT_RATE,
    CRF,
    CROSSFADE,
    MUSIC_FADE,
    MUSIC_VOLUME,
    ZOOM,
    Film,
    Inset,
    Karaoke,
    Scene,
    SlideShow,
)

SCRIPT = Path(__file__).with_name("moviepy_script.py")


class MoviePy:
    """The library, run by ``python``."""

    name = "MoviePy"

    def __init__(self, python: Path) -> None:
        self._python = str(python)

    def version(self) -> str:
        asked = "import importlib.metadata as metadata; print(metadata.version('moviepy'))"
        return subprocess.run([self._python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()

    def command(self, scene: Scene, output: Path, folder: Path) -> Command | None:
        edit = folder / "edit.json"
        edit.write_text(json.dumps(_described(scene), default=str))
        # -P: else this module's folder, first on the script's path, would hide MoviePy.
        return Command(argv=(self._python, "-P", str(SCRIPT), str(edit), str(output)), folder=folder)


def _described(scene: Scene) -> dict[str, object]:
    """Say the scene in plain values, for a script that cannot import ours."""
    form = scene.format
    common = {
        "size": [form.width, form.height],
        "fps": form.fps,
        "seconds": scene.seconds,
        "clip_seconds": form.clip_seconds,
        "crossfade": CROSSFADE,
        "preset": scene.preset,
        "crf": CRF,
        "audio_bit_rate": AUDIO_BIT_RATE,
    }
    match scene:
        case Film():
            starts = [scene.start_of(index) for index in range(len(scene.clips))]
            return common | {
                "kind": "film",
                "clips": list(zip(scene.clips, starts, strict=True)),
                "titles": [asdict(title) for title in scene.titles],
                "logo": scene.material.logo,
                "logo_box": asdict(scene.logo_box),
                "music": scene.material.music,
                "volume": MUSIC_VOLUME,
                "fade": MUSIC_FADE,
            }
        case SlideShow():
            starts = [scene.start_of(index) for index in range(len(scene.stills))]
            return common | {
                "kind": "slides",
                "stills": list(zip(scene.stills, starts, strict=True)),
                "slide_seconds": scene.slide_seconds,
                "zoom": ZOOM,
            }
        case Inset():
            return common | {
                "kind": "inset",
                "pairs": scene.pairs,
                "box": asdict(scene.box),
                "mask": scene.mask,
            }
        case Karaoke():
            return common | {
                "kind": "karaoke",
                "clips": scene.clips,
                "cues": [[asdict(word) for word in cue] for cue in scene.cues],
                "font": scene.font,
                "font_size": scene.font_size,
                "outline": form.even(5),
                "centre_y": scene.centre_y,
            }
        case _:
            raise ValueError(f"MoviePy has no script for {scene.name}")
