"""The floor: the same clips decoded and encoded, and nothing else, with the libraries that Reelhouse uses."""

import sys
from pathlib import Path

import av

from benchmarks.measure import Command
from benchmarks.scenes import AUDIO_BIT_RATE, CRF, Film, Inset, Karaoke, Scene

SCRIPT = Path(__file__).with_name("floor_script.py")


class Floor:
    """Decoding plus encoding alone, as hard cuts: no crossfade, no title, no logo."""

    name = "decode + encode alone"

    def version(self) -> str:
        return f"PyAV {av.__version__}"

    def command(self, scene: Scene, output: Path, folder: Path) -> Command | None:
        match scene:
            case Film():
                decoded, sound = scene.clips, [str(scene.material.music)]
            case Karaoke():
                decoded, sound = scene.clips, []
            case Inset():
                decoded, sound = tuple(clip for pair in scene.pairs for clip in pair), []
            case _:
                return None
        wanted = [str(scene.frames), str(scene.format.fps), scene.preset, str(CRF), str(AUDIO_BIT_RATE)]
        files = [",".join(map(str, decoded)), *sound]
        return Command(argv=(sys.executable, str(SCRIPT), str(output), *wanted, *files), folder=folder)
