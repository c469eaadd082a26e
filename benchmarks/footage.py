"""Footage: two long takes, as they come from a camera, that are to be trimmed and joined."""

import hashlib
import inspect
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from benchmarks.material import QUICK, Format, Material, prepare
from benchmarks.scenes import Landmark, Scene

LONG = Format(name="footage", width=1280, height=720, fps=30, clip_seconds=2, bit_rate=10_000_000, clips=20, stills=0)
"""Key frames lie 2 s apart, where a clip begins: closer in what cameras give, farther in what x264 does by default."""
BRIEF = Format(
    name="quick-footage", width=640, height=360, fps=30, clip_seconds=2, bit_rate=3_000_000, clips=5, stills=0
)
TAKE_CLIPS = {LONG: 152, BRIEF: 5}
"""How many clips, one after another, make a take: a little more than five minutes."""
TRIMS = ((0.46, 0.36), (0.64, 0.2))
"""How much is cut off each take's head and tail, in lengths of a clip: always between key frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The frames of a source from ``first`` on."""

    source: Path
    first: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Scene):
    """Excerpts one after another, hard cuts between them, and nothing else."""

    excerpts: tuple[Excerpt, ...]

    @property
    def seconds(self) -> float:
        return sum(excerpt.frames for excerpt in self.excerpts) / self.format.fps

    @property
    def landmarks(self) -> tuple[Landmark, ...]:
        return ()


def joined_takes(material: Material) -> Join:
    """Return the join of two takes that fits the material: full or quick. The takes are made if they are not there."""
    form = BRIEF if material.format == QUICK else LONG
    footage = prepare(material.folder.parent, form)
    takes = [_take(footage, footage.clips[::step], number) for number, step in enumerate((1, -1))]
    length = TAKE_CLIPS[form] * form.clip_frames
    excerpts = []
    for take, (head, tail) in zip(takes, TRIMS, strict=True):
        first, rest = trimmed(head, form), trimmed(tail, form)
        excerpts.append(Excerpt(source=take, first=first, frames=length - first - rest))
    return Join(name="join", material=footage, excerpts=tuple(excerpts))


def trimmed(clips: float, form: Format) -> int:
    """Return a length in clips as frames, a whole number of tenths of a second."""
    tenth = form.fps // 10
    return round(clips * form.clip_frames / tenth) * tenth


def splice(clips: tuple[Path, ...], path: Path, form: Format) -> None:
    """Write clips one after another without encoding them anew; raise ``ValueError`` unless all are coded alike."""
    with av.open(str(path), "w") as written:
        stream: av.VideoStream | None = None
        for number, clip in enumerate(clips):
            with av.open(str(clip)) as source:
                template = source.streams.video[0]
                assert template.time_base is not None, "files have a time base"
                if stream is None:
                    stream = written.add_stream_from_template(template, opaque=True)
                    header = template.codec_context.extradata
                if template.codec_context.extradata != header:
                    raise ValueError(f"{clip.name} is coded in another way than the clips before it")
                shift = round(Fraction(number * form.clip_frames, form.fps) / template.time_base)
                for packet in source.demux(template):
                    if packet.pts is not None and packet.dts is not None:
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                        written.mux_one(packet)


def _take(footage: Material, clips: tuple[Path, ...], number: int) -> Path:
    """Return a take beside the clips that it is made of, again and again in their order."""
    form = footage.format
    code = hashlib.sha256(inspect.getsource(sys.modules[__name__]).encode()).hexdigest()[:8]
    path = footage.folder / f"take{number}-{code}.mp4"
    if not path.exists():
        print(f"Making {path.name} …", flush=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        splice(tuple(clips[index % len(clips)] for index in range(TAKE_CLIPS[form])), unfinished, form)
        unfinished.rename(path)
    return path
