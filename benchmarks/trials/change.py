"""Change: one title of a long edit is changed, and the edit is rendered again."""

import os
from dataclasses import replace
from pathlib import Path

from benchmarks.catalogue import clips_for, film
from benchmarks.material import QUICK, Material
from benchmarks.results import Target
from benchmarks.runs import Runs
from benchmarks.scenes import Film
from benchmarks.tables import costs_table
from benchmarks.tools.reelhouse import render_command, timeline_of, write_timeline
from benchmarks.trials.sameness import differing_frames, frames_of, is_same_sound, picture_at
from benchmarks.trials.trial import Trial
from benchmarks.verify import UNLIKE, psnr

SECONDS, QUICK_SECONDS = 180, 20
NEW_TEXT = "One word was wrong"
NEARBY = 10
"""Seconds around the title within which pictures may be encoded anew."""
FIRST, CHANGED, AGAIN = "first render", "one title changed", "nothing changed"


def change_title(material: Material, titles: Path, runs: Runs) -> Trial:
    """Render three minutes on two cores, then with another text in one title, then once more; one round.

    ``titles`` is a home to draw titles in.
    """
    before = film(
        material,
        clips_for(material, QUICK_SECONDS if material.format == QUICK else SECONDS),
        titles,
        name="before",
    )
    after, number = changed(before)
    cores = tuple(sorted(os.sched_getaffinity(0))[:2])
    costs = {}
    with runs.folder() as folder:
        outputs = {}
        for name, scene in ((FIRST, before), (CHANGED, after), (AGAIN, after)):
            timeline = write_timeline(scene.name, timeline_of(scene), material)
            outputs[name] = folder / f"{name}.mp4"
            command = render_command(timeline, outputs[name], folder / "home", cores=cores)
            costs[name] = runs.measure(f"change: {name}", command, folder)
        complaints = faults(outputs[FIRST], outputs[CHANGED], after, number)
        if differing_frames(outputs[CHANGED], outputs[AGAIN], after.format.fps):
            complaints = (*complaints, "frames differ though nothing was changed")
    first = costs[FIRST]
    return Trial(
        title="One title changed",
        description=f"The edit, {before.seconds:g} s long with {len(before.clips)} clips and titles, on two cores; "
        "then with another text in one title; then once more. One round. All frames that are not near the title are "
        "the same packets as before.",
        table=costs_table(costs),
        targets=(
            Target(
                name="CPU, one title changed in three minutes / first render",
                wanted=0.08,
                measured=costs[CHANGED].cpu / first.cpu,
            ),
            Target(
                name="Wall / CPU time of three minutes on two cores, workers by default",
                wanted=0.55,
                measured=first.wall / first.cpu if len(cores) == 2 else None,
            ),
        ),
        complaints=complaints,
    )


def changed(before: Film) -> tuple[Film, int]:
    """Return the film with another text in a title of its midst, and that title's number."""
    number = len(before.titles) // 2
    title = replace(before.titles[number], text=NEW_TEXT)
    titles = (*before.titles[:number], title, *before.titles[number + 1 :])
    return replace(before, name="after", titles=titles), number


def faults(first: Path, second: Path, after: Film, number: int) -> tuple[str, ...]:
    """Say what is wrong with two files that should differ in the title of a number alone."""
    fps, title = after.format.fps, after.titles[number]
    marks = [mark for mark in after.landmarks if mark.name == "title"]
    mark = marks[number]
    found = [
        f"{count} frames instead of {after.frames}"
        for path in (first, second)
        if (count := frames_of(path)) != after.frames
    ]
    start, end = round((title.start - NEARBY) * fps), round((title.start + title.duration + NEARBY) * fps)
    if far := [frame for frame in differing_frames(first, second, fps) if not start <= frame < end]:
        found.append(f"{len(far)} frames differ that are far from the changed title")
    if not is_same_sound(first, second):
        found.append("the sound differs though no sound was changed")
    shown, old = (picture_at(path, mark.frame, fps) for path in (second, first))
    bare = picture_at(mark.source, mark.source_frame, fps)
    if psnr(shown, bare, mark.box) > UNLIKE:
        found.append("the changed title is not drawn")
    if psnr(shown, old, mark.box) > UNLIKE:
        found.append("the changed title shows its old text")
    return tuple(found)
