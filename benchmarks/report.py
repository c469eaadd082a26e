"""``BENCHMARKS.md``: the tables, and what one must know to repeat them."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Cost
from benchmarks.results import FFMPEG, FLOOR, MOVIEPY, REELHOUSE, MemoryResult, Row, SceneResult, Target
from benchmarks.tables import MEGABYTE, table
from benchmarks.tools.mlt import Mlt
from benchmarks.trials.trial import Trial

INTRODUCTION = (
    "Written by `make bench`, which measures Reelhouse and others in one run, on the same material, and fails when a "
    "target is missed."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What was measured on, in general words."""

    processor: str
    cores: int
    memory_gib: int
    system: str

    @classmethod
    def here(cls) -> "Machine":
        """Describe this machine."""
        fields: dict[str, str] = {}
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            fields[name.strip()] = value.strip()
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return cls(
            processor=fields.get("model name", platform.machine()),
            cores=len(os.sched_getaffinity(0)),
            memory_gib=round(pages / 1024**3),
            system=f"{platform.system()} {platform.release().split('-')[0]}",
        )


def markdown(
    *,
    machine: Machine,
    versions: Mapping[str, str],
    rounds: int,
    scenes: Sequence[SceneResult],
    memory: MemoryResult,
    trials: Sequence[Trial],
    targets: Sequence[Target],
) -> str:
    """Return the whole document."""
    parts = [
        "# Benchmarks",
        INTRODUCTION,
        "## Targets",
        target_table(targets),
    ]
    for scene in scenes:
        parts += [f"## {scene.title}", f"{scene.description} {scene.frames} frames.", scene_table(scene)]
        parts += notes(scene)
    parts += ["## Memory over time", memory.description, memory_table(memory)]
    for trial in trials:
        parts += [f"## {trial.title}", trial.description, trial.table]
    parts += ["## How it was measured", _method(machine, versions, rounds)]
    return "\n\n".join(parts) + "\n"


def target_table(targets: Sequence[Target]) -> str:
    """Return the targets and whether they are met."""
    rows = [
        (
            target.name,
            f"{'≥' if target.is_least else '≤'} {target.wanted:g}",
            _measured(target),
            "yes" if target.is_met else "**no**",
        )
        for target in targets
    ]
    return table(("target", "wanted", "measured", "met"), rows)


def scene_table(scene: SceneResult) -> str:
    """Return the costs of all tools in one scene, and their ratios to ffmpeg's and to the floor's."""
    ffmpeg, floor = scene.cost_of(FFMPEG), scene.cost_of(FLOOR)
    rows = [
        (
            row.tool,
            f"{row.cost.cpu:.1f}",
            f"{row.cost.wall:.1f}",
            f"{row.cost.memory / MEGABYTE:.0f}",
            _ratio(row.cost, ffmpeg),
            _ratio(row.cost, floor),
            f"{row.verdict.size / 1e6:.1f}",
            _likeness(row),
        )
        for row in scene.rows
    ]
    heads = ("tool", "CPU s", "wall s", "peak MB", "CPU / ffmpeg", "CPU / floor", "file MB", "PSNR dB")
    return table(heads, rows)


def memory_table(memory: MemoryResult) -> str:
    """Return the short and the long video's cost."""
    rows = [
        (f"{length:g} s", f"{cost.cpu:.1f}", f"{cost.wall:.1f}", f"{cost.memory / MEGABYTE:.0f}")
        for length, cost in zip(memory.lengths, (memory.short, memory.long), strict=True)
    ]
    return table(("length", "CPU s", "wall s", "peak MB"), rows)


def notes(scene: SceneResult) -> list[str]:
    """Return what was found wrong in the tools' outputs, as a list, empty when there is nothing."""
    lines = [
        f"- {row.tool}: {'; '.join(row.verdict.complaints)}"
        for row in scene.rows
        if row.verdict.complaints and row.tool != FLOOR
    ]
    lines += [f"- {tool}: failed" for tool in scene.failed]
    return ["\n".join(lines)] if lines else []


def faults(trial: Trial) -> list[str]:
    """Return what was found wrong in a trial's outputs, as a list, empty when there is nothing."""
    return ["\n".join(f"- {complaint}" for complaint in trial.complaints)] if trial.complaints else []


def _method(machine: Machine, versions: Mapping[str, str], rounds: int) -> str:
    used = ", ".join(f"{tool} {version}" for tool, version in versions.items())
    has_no_mlt = Mlt.name not in versions
    where = f"{machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB, {machine.system}, no GPU"
    return f"""\
Machine: {where}. Versions: {used}.

- **Rounds.** Each tool is a process of its own. The edit, the edit again and the cage have {rounds} interleaved rounds
  (all runs, then all again), of which the tables hold medians; {MOVIEPY} and MLT, and all else, have one.
- **CPU** is user plus system time of the whole process tree, as the kernel counts it (`wait4`). **Peak** is the memory
  of the whole tree: the sum of its processes' proportional set sizes (`Pss` of `/proc/<pid>/smaps_rollup`), so that a
  page which several of them share counts once, five times a second; and at least each process's own high-water mark,
  read fifty times a second. That is so for all tools. Start-up, imports and planning count.
- **Material** is made once, from fixed seeds: textured scenes with things that move at several depths and sensor
  grain, under a pan, a push in, a camera in the hand, one on a tripod, a sweep; 1080p30 H.264 at 24 Mb/s, as cameras
  write it, with B-frames, key frames at most 250 apart. Stills are 4K JPEGs.
- **Encoding** is the same everywhere: x264 veryfast, crf 23, 4:2:0 BT.709, key frames at most 250 frames apart; AAC at
  192 kb/s; threads as the libraries choose. {REELHOUSE} starts in an empty home each time and nothing is kept between
  runs, but where something is rendered again in the same home.
- **The floor** decodes the same clips and encodes as many frames, with the libraries that {REELHOUSE} uses and no edit
  at all (hard cuts).
- **{FFMPEG}** is the one of PyPI's imageio-ffmpeg; each edit is one filter graph. Titles are PNGs drawn beforehand (by
  our painter, so that all show the same), cropped to what they cover. Its Ken Burns is `zoompan`, which moves by whole
  source pixels, and shows it; its captions are libass events, one a word.
- **{MOVIEPY}** is in an environment of its own and calls the same ffmpeg. Its captions are drawn by Pillow, a picture
  a word.
- **MLT** is measured where Debian's `melt` is installed, with `real_time=-2`; its pictures are read by its pixbuf
  loader, which needs no X server. It is given the edit alone.{" It was not installed here." if has_no_mlt else ""}
- **Every output is checked**: the number of frames, the sound's length and level, that each title, logo, crossfade,
  inset and caption is really there, and that the picture is that of ffmpeg's output (least PSNR of eight frames spread
  over all phases of the fades; 30 dB must be reached).

To repeat: `make bench` (about forty minutes on two idle cores). `.venv/bin/python -m benchmarks --help` tells of
`--rounds`, `--scene` and `--quick`."""


def _measured(target: Target) -> str:
    if target.measured is None:
        return "not measured"
    if isinstance(target.measured, int):  # a count
        return str(target.measured)
    return f"{target.measured:.2f}" if target.wanted >= 0.1 else f"{target.measured:.4f}"


def _ratio(cost: Cost, base: Cost | None) -> str:
    return f"{cost.cpu / base.cpu:.2f}" if base else "–"


def _likeness(row: Row) -> str:
    if row.tool == FLOOR:
        return "–"
    return "reference" if row.verdict.likeness is None else f"{row.verdict.likeness:.1f}"
