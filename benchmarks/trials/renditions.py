"""Renditions: the edit in three sizes at once."""

from pathlib import Path

import cv2
import numpy as np

from benchmarks.catalogue import film
from benchmarks.material import QUICK, Material
from benchmarks.results import Target
from benchmarks.runs import Runs
from benchmarks.scenes import Film
from benchmarks.tables import costs_table
from benchmarks.tools.reelhouse import render_command, timeline_of, write_timeline
from benchmarks.trials.sameness import differing_frames, frames_of, picture_at
from benchmarks.trials.trial import Trial
from benchmarks.verify import Planes

SIZES, QUICK_SIZES = ((1280, 720), (854, 480)), ((426, 240), (320, 180))
"""Beside the edit's own. The smaller one of the full run is what everybody calls 480p: its shape is not quite 16:9."""
LIKE = 28.0
"""Decibels that a small picture's luma must reach against the large one, shrunk: both are encoded at the same crf."""
ONE, THREE = "one file", "three files"


def render_renditions(material: Material, titles: Path, runs: Runs) -> Trial:
    """Render the edit alone and with two renditions, each in an empty home. ``titles`` is a home to draw titles in."""
    scene = film(material, len(material.clips), titles, name="renditions")
    sizes = QUICK_SIZES if material.format == QUICK else SIZES
    document = timeline_of(scene)
    alone = write_timeline("alone", document, material)
    document["output"]["renditions"] = [{"width": width, "height": height} for width, height in sizes]
    together = write_timeline("renditions", document, material)
    with runs.folder() as folder:
        costs = {
            name: runs.measure(
                f"renditions: {name}",
                render_command(timeline, folder / f"{timeline.stem}.mp4", folder / f"{timeline.stem}-home"),
                folder,
            )
            for name, timeline in ((ONE, alone), (THREE, together))
        }
        complaints = faults(folder, scene, sizes)
    listed = ", ".join(f"{width}×{height}" for width, height in ((scene.format.width, scene.format.height), *sizes))
    return Trial(
        title="Renditions",
        description=f"The edit alone, and in three sizes at once ({listed}), all encoded alike; one round. The first "
        "file is the same in both, and the others show what it shows.",
        table=costs_table(costs),
        targets=(Target(name="CPU, three renditions / one", wanted=2.2, measured=costs[THREE].cpu / costs[ONE].cpu),),
        complaints=complaints,
    )


def faults(folder: Path, scene: Film, sizes: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    """Say what is wrong with the files in a folder."""
    fps, found = scene.format.fps, []
    main = folder / "renditions.mp4"
    if differing_frames(folder / "alone.mp4", main, fps):
        found.append("the first file is another with renditions beside it")
    for width, height in sizes:
        path = folder / f"renditions-{width}x{height}.mp4"
        if (count := frames_of(path)) != scene.frames:
            found.append(f"{path.name}: {count} frames instead of {scene.frames}")
            continue
        for frame in scene.compared_frames:
            shown, wanted = picture_at(path, frame, fps), picture_at(main, frame, fps)
            if shown[0].shape != (height, width):
                found.append(f"{path.name} is not of its size")
                break
            if (likeness := _likeness(shown, wanted)) < LIKE:
                found.append(f"{path.name} shows something else: {likeness:.1f} dB")
                break
    return tuple(found)


def _likeness(small: Planes, large: Planes) -> float:
    """Return the PSNR of a small picture's luma against a large one's, in dB."""
    height, width = small[0].shape
    shrunk = cv2.resize(large[0], (width, height), interpolation=cv2.INTER_AREA)
    error = float(np.square(small[0].astype(np.int32) - shrunk).mean())
    return 10 * np.log10(255 * 255 / max(error, 1e-3))
