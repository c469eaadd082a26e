"""Untouched: two long takes, trimmed and joined, with and without encoding them anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path

import av
import numpy as np

from benchmarks.footage import Join, joined_takes
from benchmarks.material import Material
from benchmarks.results import Target
from benchmarks.runs import Runs
from benchmarks.scenes import Box
from benchmarks.tables import costs_table
from benchmarks.tools.reelhouse import render_command, timeline_of, write_timeline
from benchmarks.trials.sameness import frames_of
from benchmarks.trials.trial import Trial
from benchmarks.verify import Planes, planes, psnr

ENCODED, PASSED = "encoded anew", "passed through"
LIKE = 30.0
"""Decibels that pictures at the edges must reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is seen in a file: how many frames are the sources' own, how many others differ too much, and where."""

    exact: int = 0
    changed: int = 0
    """Frames that are not the sources' own, though they are farther from each cut than a key frame can be."""
    least: float = inf
    """The least PSNR in dB of those at the edges that were looked at."""


def pass_through(material: Material, _titles: Path, runs: Runs) -> Trial:
    """Join two takes, each way in an empty home; one round."""
    join = joined_takes(material)
    document = timeline_of(join)
    passed = write_timeline("passed", document, join.material)
    document["output"]["quality"]["copy"] = "never"
    encoded = write_timeline("encoded", document, join.material)
    costs = {}
    with runs.folder() as folder:
        outputs = {ENCODED: folder / "encoded.mp4", PASSED: folder / "passed.mp4"}
        for name, timeline in ((ENCODED, encoded), (PASSED, passed)):
            command = render_command(timeline, outputs[name], folder / f"{timeline.stem}-home")
            costs[name] = runs.measure(f"untouched: {name}", command, folder)
        look = looked_at(outputs[PASSED], join)
        complaints = faults(look, outputs, join)
    form = join.format
    each = join.excerpts[0].frames / form.fps
    return Trial(
        title="Two takes trimmed and joined",
        description=f"Two H.264 takes at {form.width}×{form.height}, {form.bit_rate / 1e6:g} Mb/s, without sound, key "
        f"frames {form.clip_seconds:g} s apart; of each about {each:.0f} s, cut between key frames at all four ends; "
        f"one round. {look.exact} of {join.frames} frames came out as the takes' own, each pixel the same; the others "
        f"lie at the edges ({look.least:.1f} dB at least).",
        table=costs_table(costs),
        targets=(
            Target(
                name="Wall time, two takes encoded anew / passed through",
                wanted=30,
                measured=costs[ENCODED].wall / costs[PASSED].wall,
                is_least=True,
            ),
        ),
        complaints=complaints,
    )


def faults(look: Look, outputs: dict[str, Path], join: Join) -> tuple[str, ...]:
    """Say what is wrong with the outputs."""
    found = [
        f"{name}: {count} frames instead of {join.frames}"
        for name, path in outputs.items()
        if (count := frames_of(path)) != join.frames
    ]
    if look.changed:
        found.append(f"{look.changed} frames that lie outside the edges are not exactly the source's")
    if look.least < LIKE:
        found.append(f"a picture at an edge differs from its source: {look.least:.1f} dB")
    return tuple(found)


def looked_at(output: Path, join: Join) -> Look:
    """Compare each frame of a file with its source's, pixel by pixel."""
    form = join.format
    whole = Box(x=0, y=0, width=form.width, height=form.height)
    exact = changed = 0
    least = inf
    shown = _pictures(output, 0, join.frames)
    for excerpt in join.excerpts:
        source = _pictures(excerpt.source, excerpt.first, excerpt.frames)
        for number, (theirs, mine) in enumerate(zip(source, shown, strict=False)):
            if all(np.array_equal(one, other) for one, other in zip(mine, theirs, strict=True)):
                exact += 1
            elif form.clip_frames <= number < excerpt.frames - form.clip_frames:
                changed += 1
            else:
                least = min(least, psnr(mine, theirs, whole))
    return Look(exact=exact, changed=changed, least=least)


def _pictures(path: Path, first: int, frames: int) -> Iterator[Planes]:
    """Decode a stretch of frames, counted from the file's first."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for number, frame in enumerate(container.decode(stream)):
            if number >= first + frames:
                return
            if number >= first:
                yield planes(frame)
