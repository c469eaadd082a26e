"""Reelhouse: the real command, on timelines written as a user would write them."""

import importlib.metadata
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.footage import Join
from benchmarks.material import Material
from benchmarks.measure import Command
from benchmarks.scenes import (
    AUDIO_BIT_RATE,
    CRF,
    CROSSFADE,
    KEY_FRAMES,
    MUSIC_FADE,
    MUSIC_VOLUME,
    ZOOM,
    Box,
    Film,
    Inset,
    Karaoke,
    Scene,
    SlideShow,
    Title,
)

PROGRAM = Path(sys.executable).with_name("reelhouse")
TITLE_LOOK = {
    "font": "Inter",
    "weight": 700,
    "size": 0.074,
    "color": "#ffffff",
    "background": {"color": "#0a143caa", "padding": 0.024, "radius": 0.02},
}

type Json = dict[str, Any]


class Reelhouse:
    """The command, each time in a fresh home, so that nothing is kept from one run to the next."""

    name = "Reelhouse"

    def version(self) -> str:
        return importlib.metadata.version("reelhouse")

    def command(self, scene: Scene, output: Path, folder: Path) -> Command:
        timeline = write_timeline(scene.name, timeline_of(scene), scene.material)
        return render_command(timeline, output, folder / "home")


def write_timeline(name: str, document: Json, material: Material) -> Path:
    """Write a timeline beside the material that it names."""
    timeline = material.folder / f"{name}.json"
    timeline.write_text(json.dumps(document, indent=1))
    return timeline


def render_command(timeline: Path, output: Path, home: Path, *, cores: tuple[int, ...] = ()) -> Command:
    """Return the command that renders a timeline; what ``home`` keeps of earlier renders is there for it."""
    argv = (str(PROGRAM), "render", str(timeline), "-o", str(output))
    return Command(argv=argv, environment={"REELHOUSE_HOME": str(home)}, cores=cores)


def timeline_of(scene: Scene) -> Json:
    """Return a scene's timeline document."""
    document = _document(scene)
    match scene:
        case Film():
            return document | _film(scene)
        case SlideShow():
            return document | _slide_show(scene)
        case Inset():
            return document | _inset(scene)
        case Karaoke():
            return document | _karaoke(scene)
        case Join():
            return document | _join(scene)
        case _:
            raise ValueError(f"there is no timeline for {scene.name}")


def title_clip(title: Title) -> Json:
    """Return the clip of a title, without its fades."""
    return {
        "start": title.start,
        "duration": title.duration,
        "x": 0.5,
        "y": 0.82,
        "asset": {"type": "text", "text": title.text, **TITLE_LOOK},
    }


def _document(scene: Scene) -> Json:
    form = scene.format
    quality = {
        "preset": scene.preset,
        "crf": CRF,
        "keyframe_interval": KEY_FRAMES / form.fps,
        "audio_kbit": AUDIO_BIT_RATE // 1000,
    }
    output = {"width": form.width, "height": form.height, "fps": form.fps, "encoder": "mp4-h264", "quality": quality}
    return {"version": 1, "name": scene.name, "output": output}


def _film(film: Film) -> Json:
    form = film.format
    pictures = [_video(clip, film.start_of(index), form.clip_seconds) for index, clip in enumerate(film.clips)]
    fade = {"use": "fade", "duration": film.titles[0].fade}
    logo = {
        "start": 0,
        "duration": "end",
        "asset": {"type": "image", "src": f"file:{film.material.logo.name}"},
        "fit": "none",
        **_centre(film.logo_box, film),
    }
    music = {
        "start": 0,
        "duration": film.seconds,
        "asset": {"type": "audio", "src": f"file:{film.material.music.name}", "loop": True},
        "volume": MUSIC_VOLUME,
        "fade_out": MUSIC_FADE,
    }
    return {
        "tracks": [
            {"name": "pictures", "clips": _crossfaded(pictures)},
            {"name": "titles", "clips": [title_clip(title) | {"enter": fade, "exit": fade} for title in film.titles]},
            {"name": "logo", "clips": [logo]},
        ],
        "audio": {"clips": [music]},
    }


def _slide_show(show: SlideShow) -> Json:
    seconds = show.slide_seconds
    clips = [
        {
            "start": show.start_of(index),
            "duration": seconds,
            "asset": {"type": "image", "src": f"file:{still.name}"},
            "scale": {"keys": [{"t": 0, "v": 1}, {"t": seconds, "v": ZOOM}]},
        }
        for index, still in enumerate(show.stills)
    ]
    return {"tracks": [{"name": "stills", "clips": _crossfaded(clips)}]}


def _inset(scene: Inset) -> Json:
    form, box = scene.format, scene.box
    place = {
        "width": box.width / form.width,
        "height": box.height / form.height,
        "radius": scene.radius / form.height,
        **_centre(box, scene),
    }
    below, above = [], []
    for index, (lower, upper) in enumerate(scene.pairs):
        start = index * form.clip_seconds
        below.append(_video(lower, start, form.clip_seconds))
        above.append(_video(upper, start, form.clip_seconds) | place)
    return {"tracks": [{"name": "below", "clips": below}, {"name": "above", "clips": above}]}


def _karaoke(scene: Karaoke) -> Json:
    form = scene.format
    clips = [_video(clip, index * form.clip_seconds, form.clip_seconds) for index, clip in enumerate(scene.clips)]
    cues = [
        {
            "start": cue[0].start,
            "end": cue[-1].end,
            "text": " ".join(word.text for word in cue),
            "words": [{"start": word.start, "end": word.end, "text": word.text} for word in cue],
        }
        for cue in scene.cues
    ]
    style = {
        "preset": "karaoke",
        "font": "Inter",
        "weight": 700,
        "size": scene.font_size / form.height,
        "color": "#ffffff",
        "stroke": {"color": "#000000", "width": form.even(5) / form.height},
        "highlight": {"color": "#ffd23f"},
        "y": scene.centre_y / form.height,
    }
    return {
        "tracks": [{"name": "pictures", "clips": clips}],
        "captions": [{"cues": cues, "language": "en", "mode": ["burn"], "style": style}],
    }


def _join(join: Join) -> Json:
    fps, start = join.format.fps, 0
    clips = []
    for excerpt in join.excerpts:
        asset = {"type": "video", "src": f"file:{excerpt.source.name}", "in": round(excerpt.first / fps, 6)}
        clips.append({"start": round(start / fps, 6), "duration": round(excerpt.frames / fps, 6), "asset": asset})
        start += excerpt.frames
    return {"tracks": [{"name": "pictures", "clips": clips}]}


def _video(clip: Path, start: float, seconds: float) -> Json:
    return {"start": start, "duration": seconds, "asset": {"type": "video", "src": f"file:{clip.name}"}}


def _crossfaded(clips: list[Json]) -> list[Json]:
    fade = {"transition": {"use": "fade", "duration": CROSSFADE}}
    return [clip | fade if index else clip for index, clip in enumerate(clips)]


def _centre(box: Box, scene: Scene) -> Json:
    form = scene.format
    return {"x": (box.x + box.width / 2) / form.width, "y": (box.y + box.height / 2) / form.height}
