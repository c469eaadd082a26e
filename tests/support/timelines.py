"""Timeline documents for tests, short to write; and media that nobody decodes."""

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.api import Catalogue
from core.timeline.compiling import compile_plan
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.plan import Cue, MediaFile, Plan, Probe
from core.timeline.reading import read_timeline

type Json = Any

FILM, SONG, PHOTO = "file:film.mp4", "file:song.mp3", "file:photo.png"


def media_file(
    name: str, kind: str, seconds: str | None = "10", *, has_audio: bool = False, codec: str = ""
) -> MediaFile:
    probe = Probe(
        kind=kind,
        duration=None if seconds is None else Fraction(seconds),
        width=640,
        height=360,
        has_audio=has_audio,
        codec=codec,
    )
    return MediaFile(path=Path("/media") / name, sha256=f"hash of {name}", probe=probe)


MEDIA: Mapping[str, MediaFile] = {
    FILM: media_file("film.mp4", "video", has_audio=True, codec="h264"),
    "file:mute.mp4": media_file("mute.mp4", "video", codec="h264"),
    SONG: media_file("song.mp3", "audio", "60", has_audio=True, codec="mp3"),
    PHOTO: media_file("photo.png", "image", None, codec="png"),
    "file:wave.gif": media_file("wave.gif", "video", "2", codec="gif"),
    "file:look.cube": media_file("look.cube", "data", None),
}


def clip(start: float | str = 0, duration: float | str | None = 2, **more: Json) -> dict[str, Json]:
    """A red clip, unless ``asset`` says otherwise. Texts of digits become exact numbers."""
    timed = {"start": start} if duration is None else {"start": start, "duration": duration}
    return {**timed, "asset": {"type": "color", "color": "#ff0000"}, **more}


def film(start: float | str = 0, duration: float | str | None = 2, **more: Json) -> dict[str, Json]:
    asset = {"type": "video", "src": FILM, **more.pop("asset", {})}
    return clip(start, duration, asset=asset, **more)


def text(
    words: str = "Hello", start: float | str = 0, duration: float | str | None = 2, **more: Json
) -> dict[str, Json]:
    look = more.pop("look", {})
    return clip(start, duration, asset={"type": "text", "text": words, **look}, **more)


def document(*clips: Json, tracks: Json = None, fps: int | str = 30, **more: Json) -> dict[str, Json]:
    output = {"width": 320, "height": 180, "fps": fps, **more.pop("output", {})}
    return {"version": 1, "output": output, "tracks": tracks or [{"clips": list(clips)}], **more}


def written(value: Json) -> str:
    return json.dumps(value, default=lambda exact: float(exact) if isinstance(exact, Decimal) else str(exact))


def complaints_of(value: Json, catalogue: Catalogue) -> tuple[Complaint, ...]:
    """Read and check a document (JSON text or a value); return what is wrong with it."""
    try:
        read_timeline(value if isinstance(value, str | bytes) else written(value), catalogue)
    except InvalidTimeline as err:
        return err.complaints
    return ()


def plan_of_document(
    value: Json,
    catalogue: Catalogue,
    *,
    media: Mapping[str, MediaFile] = MEDIA,
    cues: Mapping[str, tuple[Cue, ...]] | None = None,
    written_for: tuple[int, int] | None = None,
) -> Plan:
    """Take a document all the way to its plan."""
    timeline = read_timeline(value if isinstance(value, str) else written(value), catalogue)
    return compile_plan(timeline, media=media, cues=cues or {}, catalogue=catalogue, written_for=written_for)


def compile_complaints(
    value: Json, catalogue: Catalogue, *, media: Mapping[str, MediaFile] = MEDIA
) -> list[tuple[str, str]]:
    """Return the complaints that only compiling finds, as pairs of path and message; it must find some."""
    timeline = read_timeline(value if isinstance(value, str) else written(value), catalogue)
    try:
        compile_plan(timeline, media=media, cues={}, catalogue=catalogue)
    except InvalidTimeline as err:
        return [(complaint.path, complaint.message) for complaint in err.complaints]
    raise AssertionError("nothing was found wrong")
