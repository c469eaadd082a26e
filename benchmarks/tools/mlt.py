"""MLT: the same edit as an MLT XML document, rendered by ``melt`` with two frame threads (``real_time=-2``)."""

import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from benchmarks.measure import Command
from benchmarks.scenes import (
    AUDIO_BIT_RATE,
    CRF,
    CROSSFADE,
    MUSIC_FADE,
    MUSIC_VOLUME,
    Box,
    Film,
    Scene,
    Title,
)


class Mlt:
    """The command line tool at ``program``; it is given the film alone."""

    name = "MLT"

    def __init__(self, program: Path) -> None:
        self._program = str(program)

    def version(self) -> str:
        answer = subprocess.run([self._program, "--version"], capture_output=True, text=True, check=True)
        # "melt 7.12.0" on the first line, of stderr in some versions.
        return (answer.stdout + answer.stderr).split()[1]

    def command(self, scene: Scene, output: Path, folder: Path) -> Command | None:
        if not isinstance(scene, Film):
            return None
        document = folder / "film.mlt"
        document.write_bytes(ElementTree.tostring(_document(scene), xml_declaration=True, encoding="utf-8"))
        encoder = {
            "vcodec": "libx264",
            "preset": scene.preset,
            "crf": CRF,
            "pix_fmt": "yuv420p",
            "acodec": "aac",
            "ab": AUDIO_BIT_RATE,
            "movflags": "+faststart",
            "real_time": -2,
            "terminate_on_pause": 1,
        }
        options = [f"{name}={value}" for name, value in encoder.items()]
        argv = (self._program, str(document), "-silent", "-consumer", f"avformat:{output}", *options)
        return Command(argv=argv, folder=folder)


def _document(film: Film) -> ElementTree.Element:
    form = film.format
    root = ElementTree.Element("mlt", LC_NUMERIC="C", producer="film")
    ElementTree.SubElement(
        root,
        "profile",
        width=str(form.width),
        height=str(form.height),
        frame_rate_num=str(form.fps),
        frame_rate_den="1",
        progressive="1",
        sample_aspect_num="1",
        sample_aspect_den="1",
        display_aspect_num="16",
        display_aspect_den="9",
        colorspace="709",
    )
    last = film.frames - 1
    for index, clip in enumerate(film.clips):
        _producer(root, f"clip{index}", "avformat-novalidate", clip, form.clip_frames - 1)
    for index, title in enumerate(film.titles):
        if title.picture is None:
            raise ValueError(f"the title {title.text!r} has not been drawn")
        _producer(root, f"title{index}", "pixbuf", title.picture.path, round(title.duration * form.fps) - 1)
    _producer(root, "logo", "pixbuf", film.material.logo, last)
    music = _producer(root, "music", "avformat-novalidate", film.material.music, last)
    _volume(music, last, round(MUSIC_FADE * form.fps))
    _add_pictures(root, film)
    _add_titles(root, film)

    tractor = _part(root, "tractor", id="film", first=0, last=last)
    for track in ("pictures", "titles", "logo", "music"):
        ElementTree.SubElement(tractor, "track", producer=track)
    for title in film.titles:
        _composite(tractor, film, title, track=1)
    _composite_still(tractor, film.logo_box, last, track=2)
    _transition(tractor, "mix", 0, last, a_track=0, b_track=3, always_active=1, sum=1)
    return root


def _add_pictures(root: ElementTree.Element, film: Film) -> None:
    """Cut the clips, a small tractor for each crossfade between them."""
    frames = film.format.clip_frames
    mixed = round(CROSSFADE * film.format.fps)
    for index in range(1, len(film.clips)):
        tractor = _part(root, "tractor", id=f"cross{index}", first=0, last=mixed - 1)
        before, after = f"clip{index - 1}", f"clip{index}"
        _part(tractor, "track", producer=before, first=frames - mixed, last=frames - 1)
        _part(tractor, "track", producer=after, first=0, last=mixed - 1)
        _transition(tractor, "luma", 0, mixed - 1, a_track=0, b_track=1)
    playlist = ElementTree.SubElement(root, "playlist", id="pictures")
    for index in range(len(film.clips)):
        if index:
            _part(playlist, "entry", producer=f"cross{index}", first=0, last=mixed - 1)
        is_last = index == len(film.clips) - 1
        first, last = mixed if index else 0, frames - 1 - (0 if is_last else mixed)
        _part(playlist, "entry", producer=f"clip{index}", first=first, last=last)


def _add_titles(root: ElementTree.Element, film: Film) -> None:
    fps = film.format.fps
    playlist = ElementTree.SubElement(root, "playlist", id="titles")
    at = 0
    for index, title in enumerate(film.titles):
        start, length = round(title.start * fps), round(title.duration * fps)
        ElementTree.SubElement(playlist, "blank", length=str(start - at))
        _part(playlist, "entry", producer=f"title{index}", first=0, last=length - 1)
        at = start + length


def _composite(tractor: ElementTree.Element, film: Film, title: Title, *, track: int) -> None:
    if title.picture is None:
        raise ValueError(f"the title {title.text!r} has not been drawn")
    fps = film.format.fps
    first, length, fade = round(title.start * fps), round(title.duration * fps), round(title.fade * fps)
    place = _place(title.picture.box)
    steps = {0: 0, fade: 1, length - 1 - fade: 1, length - 1: 0}
    geometry = "; ".join(f"{frame}={place} {opacity}" for frame, opacity in steps.items())
    _transition(tractor, "composite", first, first + length - 1, a_track=0, b_track=track, geometry=geometry)


def _composite_still(tractor: ElementTree.Element, box: Box, last: int, *, track: int) -> None:
    _transition(tractor, "composite", 0, last, a_track=0, b_track=track, geometry=f"0={_place(box)} 1")


def _place(box: Box) -> str:
    return f"{box.x} {box.y} {box.width} {box.height}"


def _producer(root: ElementTree.Element, name: str, service: str, resource: Path, last: int) -> ElementTree.Element:
    producer = _part(root, "producer", id=name, first=0, last=last)
    _property(producer, "mlt_service", service)
    _property(producer, "resource", resource)
    _property(producer, "length", last + 1)
    return producer


def _volume(producer: ElementTree.Element, last: int, fade: int) -> None:
    """Lower the music and fade it out; the level is in decibels, keyed by frame."""
    quiet = _part(producer, "filter", first=0, last=last)
    _property(quiet, "mlt_service", "volume")
    _property(quiet, "gain", MUSIC_VOLUME)
    out = _part(producer, "filter", first=last - fade + 1, last=last)
    _property(out, "mlt_service", "volume")
    _property(out, "gain", 1)
    _property(out, "end", 0)


def _transition(tractor: ElementTree.Element, service: str, first: int, last: int, **properties: object) -> None:
    transition = _part(tractor, "transition", first=first, last=last)
    _property(transition, "mlt_service", service)
    for name, value in properties.items():
        _property(transition, name, value)


def _part(parent: ElementTree.Element, tag: str, *, first: int, last: int, **names: str) -> ElementTree.Element:
    """Add an element that covers the frames from ``first`` to ``last``."""
    return ElementTree.SubElement(parent, tag, {**names, "in": str(first), "out": str(last)})


def _property(parent: ElementTree.Element, name: str, value: object) -> None:
    ElementTree.SubElement(parent, "property", name=name).text = str(value)
