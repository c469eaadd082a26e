"""Documents: scenes with their pictures and voices laid out as a timeline. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.api import AssetKind
from tenants.composing.request import ComposeRequest, Shape
from tenants.composing.scripts import Scene
from tenants.composing.speaking import Line

FPS = 30
OVERLAP_S = 0.5
LEAD_S, TAIL_S = 0.3, 0.5
"""Silence before a scene's voice, and after it."""
_WORDS_A_SECOND = 2.5
_SHORTEST_SILENT_S = 3.0
_MADE: Mapping[str, tuple[str, ...]] = {
    "hills": ("hill", "mountain", "landscape", "dusk", "valley", "desert", "colline", "montagne", "paysage"),
    "aurora": ("aurora", "north", "winter", "cold", "ice", "snow", "aurore", "nord", "hiver", "neige", "glace"),
    "waves": ("wave", "sea", "ocean", "water", "beach", "lake", "vague", "mer", "océan", "plage", "eau"),
    "bokeh": ("light", "party", "glow", "lumière", "fête"),
    "city": ("city", "cities", "town", "street", "building", "ville", "rue", "immeuble"),
    "flow": ("wind", "flow", "silk", "abstract", "vent", "abstrait"),
    "starfield": ("star", "space", "universe", "galaxy", "étoile", "espace", "univers"),
    "particles": ("dust", "particle", "data", "network", "poussière", "données", "réseau"),
}
"""The generator's scenes, and the words they answer to."""
_PALETTES = ("dusk", "ocean", "amber", "forest", "rose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A scene with what is seen and heard: ``src`` is empty where nothing was found, ``voice`` where nobody speaks.

    Times in seconds.
    """

    scene: Scene
    seconds: float
    src: str = ""
    kind: AssetKind = AssetKind.IMAGE
    voice: str = ""
    lines: tuple[Line, ...] = ()


def seconds_of(scene: Scene, spoken: float | None) -> float:
    """Return how long a scene lasts, in tenths of a second: as long as it is spoken, or takes to be read."""
    if spoken is not None:
        return round(LEAD_S + spoken + TAIL_S + 0.05, 1)
    return round(max(_SHORTEST_SILENT_S, len(scene.text.split()) / _WORDS_A_SECOND), 1)


def made_picture(number: int, wanted: str, seconds: float, shape: Shape) -> str:
    """Return what the generator makes for a scene for which nothing was found: what was wanted, as far as it can."""
    width, height = shape.size
    named = (name for name, words in _MADE.items() if any(re.search(rf"\b{word}", wanted.lower()) for word in words))
    name, palette = next(named, list(_MADE)[number % len(_MADE)]), _PALETTES[number % len(_PALETTES)]
    size = f"width={width}&height={height}"
    return f"provider:generator/{name}?{size}&palette={palette}&duration={seconds + OVERLAP_S:g}&seed={number + 1}"


def document_of(asked: ComposeRequest, shots: Sequence[Shot], *, title: str) -> dict[str, Any]:
    """Return the timeline of some shots."""
    width, height = asked.shape.size
    starts = [round(sum(each.seconds for each in shots[:index]), 1) for index in range(len(shots))]
    total = round(sum(each.seconds for each in shots), 1)
    document: dict[str, Any] = {
        "version": 1,
        "name": title,
        "output": {"width": width, "height": height, "fps": FPS, "background": "#0c1016", "poster": {"at": 1}},
        "tracks": [
            {"name": "pictures", "clips": [_clip(*each) for each in zip(range(len(shots)), starts, shots, strict=True)]}
        ],
        "audio": {"clips": [*_voices(starts, shots), *_music(asked, total)], "loudness": -14, "true_peak": -1},
    }
    if asked.title:
        document["tracks"].append({"name": "title", "clips": [_title(asked, shots[0].seconds)]})
    if asked.music and any(each.voice for each in shots):
        document["audio"]["duck"] = {"under": "voice", "what": "music", "by_db": 12}
    if not document["audio"]["clips"]:
        del document["audio"]
    cues = [_cue(line, start) for start, shot in zip(starts, shots, strict=True) for line in shot.lines]
    if asked.captions and cues:
        modes = ["burn", "sidecar", "soft"]
        document["captions"] = [{"cues": cues, "language": asked.language, "mode": modes, "style": "karaoke"}]
    return document


def _clip(number: int, start: float, shot: Shot) -> dict[str, Any]:
    overlap = OVERLAP_S if number else 0
    source: Mapping[str, Any] = (
        {"type": shot.kind.value, "src": shot.src}
        if shot.src
        else {"type": "gradient", "stops": [[0, "#101418"], [1, "#35506e"]]}
    )
    clip: dict[str, Any] = {
        "id": f"scene-{number + 1}",
        "start": round(start - overlap, 1),
        "duration": round(shot.seconds + overlap, 1),
        "asset": dict(source),
        "fit": "cover",
    }
    if number:
        clip["transition"] = {"use": "fade", "duration": OVERLAP_S}
    if shot.src and shot.kind is AssetKind.IMAGE:
        zoom = (1.0, 1.15) if number % 2 == 0 else (1.15, 1.0)
        clip["effects"] = [{"use": "motion.kenburns", "params": {"zoom_from": zoom[0], "zoom_to": zoom[1]}}]
    elif shot.src:
        clip["asset"]["loop"] = True
        clip["audio"] = {"mute": True}
    return clip


def _voices(starts: Sequence[float], shots: Sequence[Shot]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"voice-{number + 1}",
            "start": round(start + LEAD_S, 1),
            "role": "voice",
            "asset": {"type": "audio", "src": shot.voice},
        }
        for number, (start, shot) in enumerate(zip(starts, shots, strict=True))
        if shot.voice
    ]


def _music(asked: ComposeRequest, total: float) -> list[dict[str, Any]]:
    if not asked.music:
        return []
    src = f"provider:generator/music?mood={asked.music}&duration={min(total, 600):g}"
    return [
        {
            "id": "music",
            "start": 0,
            "duration": "end",
            "role": "music",
            "volume": 0.7,
            "fade_in": 0.5,
            "fade_out": 2,
            "asset": {"type": "audio", "src": src, "loop": True},
        }
    ]


def _title(asked: ComposeRequest, seconds: float) -> dict[str, Any]:
    is_tall = asked.shape is Shape.PORTRAIT
    return {
        "id": "title",
        "start": 0.3,
        "duration": round(max(1.5, min(4.0, seconds - 0.6)), 1),
        "y": 0.3,
        "asset": {
            "type": "text",
            "text": asked.title,
            "font": "Inter",
            "weight": 800,
            "size": 0.045 if is_tall else 0.085,
            "max_width": 0.86,
            "color": "#ffffff",
            "shadow": {"color": "#000000b0", "y": 0.005, "blur": 0.018},
        },
        "enter": {"use": "rise", "duration": 0.6},
        "exit": {"use": "fade", "duration": 0.4},
    }


def _cue(line: Line, start: float) -> dict[str, Any]:
    at = start + LEAD_S
    return {
        "start": round(at + line.start, 3),
        "end": round(at + line.end, 3),
        "text": line.text,
        "words": [
            {"start": round(at + word.start, 3), "end": round(at + word.end, 3), "text": word.text}
            for word in line.words
        ],
    }
