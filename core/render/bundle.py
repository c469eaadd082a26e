"""What lies beside a video: poster, storyboard, waveform, captions, credits and the rights manifest."""

import json
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import ceil
from pathlib import Path

import av
from PIL import Image

from core.api import FetchedAsset
from core.media.audio import RenderedAudio, waveform
from core.media.frames import Converter
from core.timeline.plan import Plan

POSTER_QUALITY = 90
THUMBNAIL_WIDTH = 160
THUMBNAILS_MOST = 100
THUMBNAILS_ACROSS = 10
THUMBNAIL_QUALITY = 80
WAVEFORM_POINTS = 1000


class PictureTap:
    """Takes a plan's poster and storyboard pictures out of the frames that pass by, so that nothing is drawn twice."""

    def __init__(self, plan: Plan, *, first: int, end: int) -> None:
        self._plan = plan
        self._first = first
        self._converter = Converter()
        poster_at = plan.output.poster_at
        self._poster_frame = None if poster_at is None else min(max(int(poster_at * plan.fps), first), end - 1)
        self._poster: Image.Image | None = None
        count = min(THUMBNAILS_MOST, end - first) if plan.output.storyboard else 0
        self._thumbnail_frames = [first + (end - first) * index // count for index in range(count)]
        self._thumbnails: dict[int, Image.Image] = {}

    def pass_by(self, frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Yield the frames as they are, looking at those that are wanted."""
        wanted = set(self._thumbnail_frames)
        for number, frame in enumerate(frames, self._first):
            if number == self._poster_frame:
                self._poster = self._picture(frame)
            if number in wanted:
                self._thumbnails[number] = self._picture(frame).resize(self._thumbnail_size, Image.Resampling.BOX)
            yield frame

    def write(self, stem: Path) -> Iterator[Path]:
        """Write what was taken beside ``stem`` and yield the files' paths."""
        if self._poster is not None:
            path = stem.with_name(f"{stem.name}.poster.jpg")
            self._poster.save(path, quality=POSTER_QUALITY)
            yield path
        if self._thumbnails:
            yield from self._write_storyboard(stem)

    @property
    def _thumbnail_size(self) -> tuple[int, int]:
        return THUMBNAIL_WIDTH, max(1, round(THUMBNAIL_WIDTH * self._plan.height / self._plan.width))

    def _picture(self, frame: av.VideoFrame) -> Image.Image:
        if frame.format.name == "rgba":
            return Image.fromarray(frame.to_ndarray()).convert("RGB")
        return Image.fromarray(self._converter.frame_to_rgb(frame))

    def _write_storyboard(self, stem: Path) -> Iterator[Path]:
        """Write one sprite of all thumbnails and a WebVTT file that says where each lies (media fragments, xywh)."""
        width, height = self._thumbnail_size
        rows = ceil(len(self._thumbnails) / THUMBNAILS_ACROSS)
        sprite = Image.new("RGB", (width * min(THUMBNAILS_ACROSS, len(self._thumbnails)), height * rows))
        sheet, index = stem.with_name(f"{stem.name}.storyboard.jpg"), stem.with_name(f"{stem.name}.storyboard.vtt")
        lines = ["WEBVTT", ""]
        starts = [Fraction(number - self._first) / self._plan.fps for number in sorted(self._thumbnails)]
        for place, (number, start) in enumerate(zip(sorted(self._thumbnails), starts, strict=True)):
            x, y = place % THUMBNAILS_ACROSS * width, place // THUMBNAILS_ACROSS * height
            sprite.paste(self._thumbnails[number], (x, y))
            end = starts[place + 1] if place + 1 < len(starts) else self._plan.duration
            lines += [f"{_clock(start)} --> {_clock(end)}", f"{sheet.name}#xywh={x},{y},{width},{height}", ""]
        sprite.save(sheet, quality=THUMBNAIL_QUALITY)
        index.write_text("\n".join(lines))
        yield from (sheet, index)


def _clock(time: Fraction) -> str:
    milliseconds = round(time * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def write_waveform(audio: RenderedAudio, stem: Path) -> Iterator[Path]:
    """Write the sound's peaks as JSON: pairs of the least and largest sample, -1 to 1, for equal parts of the whole."""
    path = stem.with_name(f"{stem.name}.waveform.json")
    path.write_text(json.dumps(waveform(audio.blocks(), count=audio.count, points=WAVEFORM_POINTS)))
    yield path


def write_rights(assets: Mapping[str, FetchedAsset], stem: Path) -> Iterator[Path]:
    """Write the credits to show and the manifest of all licences, for the assets that came from providers."""
    if not assets:
        return
    manifest = [
        {
            "src": src,
            "kind": asset.kind.value,
            "title": asset.title,
            "creator": asset.creator,
            "source": asset.source_url,
            "licence": asset.licence.id,
            "licence_url": asset.licence.url,
            "attribution": asset.licence.attribution,
            "flags": sorted(asset.licence.flags),
            "provenance": asset.extra,
        }
        for src, asset in assets.items()
    ]
    path = stem.with_name(f"{stem.name}.rights.json")
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    yield path
    credit_lines = dict.fromkeys(asset.licence.attribution for asset in assets.values() if asset.licence.attribution)
    if credit_lines:
        path = stem.with_name(f"{stem.name}.credits.txt")
        path.write_text("\n".join(credit_lines) + "\n")
        yield path
