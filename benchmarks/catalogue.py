"""The scenes of a benchmark run, with the pictures that they need beside the material."""

from dataclasses import dataclass
from pathlib import Path

import cv2

from benchmarks import plates, titles
from benchmarks.environments import ROOT
from benchmarks.material import Material
from benchmarks.scenes import WORDS, Film, Inset, Karaoke, Scene, SlideShow, titles_for

FONT = ROOT / "core" / "media" / "fonts" / "inter" / "InterVariable.ttf"
SHORT, LONG = 7.5, 75
"""Lengths, in clips, of the videos whose memory is compared: one minute and ten of clips of 8 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A scene and what the report says of it."""

    scene: Scene
    title: str
    description: str


def entries(material: Material, home: Path) -> tuple[Entry, ...]:
    """Return the scenes in which tools are compared, the one of the targets first. ``home`` is a Reelhouse home."""
    form = material.format
    clips, stills = material.clips, material.stills
    size = f"{form.width}×{form.height}"
    return (
        Entry(
            scene=film(material, len(clips), home, name="film"),
            title="The edit",
            description=f"{len(clips)} clips of {form.clip_seconds:g} s at {size}, {form.fps} a second, crossfades of "
            f"0.5 s, {len(clips)} titles that fade in and out, a logo, music.",
        ),
        Entry(
            scene=SlideShow(name="slides", material=material, stills=stills),
            title="Ken Burns",
            description=f"{len(stills)} stills of twice the frame's size, each under a slow zoom, crossfades of 0.5 s.",
        ),
        Entry(
            scene=_inset(material),
            title="Picture in picture",
            description="Two clips one after another, each with another clip in a small box with rounded corners.",
        ),
        Entry(
            scene=Karaoke(name="karaoke", material=material, clips=clips, font=FONT),
            title="Captions",
            description=f"{len(clips)} clips one after another under captions of {len(WORDS)} words, the "
            "spoken one lit.",
        ),
    )


def memory_films(material: Material, home: Path) -> tuple[Film, Film]:
    """Return the edit repeated to a short and to a ten times longer one, encoded as fast as x264 can.

    ultrafast, not veryfast: what is looked at is whether memory grows, and frames are as large as ever.
    """
    short, long = (clips_for(material, material.format.clip_seconds * length) for length in (SHORT, LONG))
    return (
        film(material, short, home, name="short", preset="ultrafast"),
        film(material, long, home, name="long", preset="ultrafast"),
    )


def film(material: Material, clips: int, home: Path, *, name: str, preset: str = "veryfast") -> Film:
    """Return the edit with ``clips`` clips, the material's over and over."""
    paths = tuple(material.clips[index % len(material.clips)] for index in range(clips))
    drawn = titles.draw(material, titles_for(material.format, clips), home)
    return Film(name=name, material=material, preset=preset, clips=paths, titles=drawn)


def clips_for(material: Material, seconds: float) -> int:
    """Count the clips of the shortest edit of at least ``seconds``."""
    count = 1
    while Film(name="", material=material, clips=material.clips[:1] * count, titles=()).seconds < seconds:
        count += 1
    return count


def _inset(material: Material) -> Inset:
    clips = material.clips
    scene = Inset(
        name="inset",
        material=material,
        pairs=((clips[0], clips[1]), (clips[2], clips[3])),
        mask=material.folder / "mask.png",
    )
    cv2.imwrite(str(scene.mask), plates.rounded_mask(scene.box.width, scene.box.height, scene.radius))
    return scene
