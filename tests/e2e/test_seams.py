"""Nobody sees or hears where segments meet: footage that is hard to begin inside is drawn in many short ones.

What is drawn is looked at through an encoder without loss, so that it is compared pixel by pixel.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.render.report import RenderReport
from tests.support.clips import numbered, read_number, write_clip
from tests.support.copying import decoded_frames, digest, psnr
from tests.support.studio import OpenStudio, Studio
from tests.support.sync import RATE

type Json = Any

FPS = Fraction(25)
WIDTH, HEIGHT = 160, 90
SOURCE_FRAMES, FRAMES = 150, 125
FIRST = 7
"""The source's frame that is seen first."""
SHORT = 0.4
"""Seconds of a short segment, of ten frames."""
BORDERS = [10, 25, *range(40, 111, 10)]
"""The frames that are the first of a short segment; at 25 the corner begins."""
TONE_HZ = 440
CLICK = 0.004
"""How far from a sine wave three neighbouring samples lie where one can hear it: here a jump of half a percent."""
HARD = {"preset": "medium", "crf": "20"}
DEEP = "scenecut=0:keyint=75:b-adapt=0:bframes=8:b-pyramid=normal:ref=8"
OPEN = "scenecut=0:keyint=25:b-adapt=0:bframes=5:open-gop=1"
ENDLESS = "scenecut=0:keyint=infinite:bframes=3:b-pyramid=strict"
OPEN_H265 = "log-level=none:scenecut=0:keyint=25:b-adapt=0:bframes=8:b-pyramid=1:open-gop=1"
LOSSLESS = {"crf": 0, "preset": "ultrafast", "copy": "never"}


def trembling(number: int) -> Fraction:
    """Return when a frame of a recording begins whose rate varies, and is half for a while: in seconds."""
    slow = min(max(number - 60, 0), 20)
    return (number + slow) / FPS + (Fraction(number * 7 % 11 - 5, 1000) if number else 0)


def steady(number: int) -> Fraction:
    return number / FPS


def picture(number: int) -> np.ndarray:
    """Return a picture with its number above and below what moves: fine detail that no two frames share."""
    drawn = numbered(number, WIDTH, HEIGHT)
    detail = np.random.default_rng(7).integers(60, 196, (HEIGHT // 2, WIDTH, 1), np.uint8)
    drawn[HEIGHT // 2 :] = np.roll(detail, (number, 3 * number), (0, 1))
    return drawn


SOURCES: dict[str, tuple[str, dict[str, str], Callable[[int], Fraction]]] = {
    "deep": ("libx264", {"x264-params": DEEP}, steady),
    "open": ("libx264", {"x264-params": OPEN}, steady),
    "endless": ("libx264", {"x264-params": ENDLESS}, steady),
    "open-h265": ("libx265", {"x265-params": OPEN_H265}, steady),
    "varying": ("libx264", {"x264-params": DEEP}, trembling),
}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStudio]:
    folder = tmp_path_factory.mktemp("seams")
    for name, (codec, options, times) in SOURCES.items():
        write_clip(
            folder / f"{name}.mp4",
            SOURCE_FRAMES,
            fps=FPS,
            size=(WIDTH, HEIGHT),
            codec=codec,
            options=HARD | options,
            picture=picture,
            times=[times(number) for number in range(SOURCE_FRAMES)] if times is trembling else None,
        )
    write_tone(folder / "tone.wav")
    with Studio(folder).open() as opened:
        yield opened


def write_tone(path: Path) -> None:
    """Write six seconds of a sine wave."""
    wave = 0.3 * np.sin(2 * np.pi * TONE_HZ / RATE * np.arange(6 * RATE))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE)
        stream.codec_context.layout = "mono"
        frame = av.AudioFrame.from_ndarray((wave * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def film(source: str, quality: Json, encoder: str = "mp4-h264") -> Json:
    """Write five seconds of a source, with itself small in a corner from the second second on, and with the tone."""
    footage = {"type": "video", "src": f"file:{source}.mp4", "in": float(FIRST / FPS)}
    corner = {"width": 0.25, "height": 0.25, "x": 0.8, "y": 0.8}
    return {
        "version": 1,
        "output": {"width": WIDTH, "height": HEIGHT, "fps": int(FPS), "encoder": encoder, "quality": quality},
        "tracks": [
            {"clips": [{"start": 0, "duration": 5, "asset": footage}]},
            {"clips": [{"start": 1, "duration": 4, "asset": footage | {"in": 1}, **corner}]},
        ],
        "audio": {"clips": [{"start": 0, "duration": 5, "asset": {"type": "audio", "src": "file:tone.wav"}}]},
    }


type Rendered = Callable[..., RenderReport]
"""Renders a film with nothing in the ledger, in as short segments as asked for, by so many workers."""


@pytest.fixture
def rendered(studio: OpenStudio, monkeypatch: pytest.MonkeyPatch) -> Rendered:
    def render(document: Json, *, seconds: float, workers: int = 1) -> RenderReport:
        for name in ("SHORTEST", "LONGEST", "STEP"):
            monkeypatch.setattr(f"core.render.segments.{name}", seconds)
        monkeypatch.setattr("core.render.runs.LEAST", seconds)
        studio.workshop.station.ledger.forget()
        crowd = replace(studio, workshop=replace(studio.workshop, workers=workers))
        return crowd.render(document, name=f"{workers}-{seconds}")

    return render


def borders(report: RenderReport) -> list[int]:
    """Return the frames that are the first of a segment, but for the first of all."""
    return [segment.first for segment in report.segments[1:]]


def numbers_shown(times: Callable[[int], Fraction]) -> list[int]:
    """Return which frame of a source is seen in each of the film: the last that begins before its middle."""
    begins = [times(number) for number in range(SOURCE_FRAMES)]
    return [bisect_right(begins, (FIRST + number + Fraction(1, 2)) / FPS) - 1 for number in range(FRAMES)]


@pytest.mark.parametrize("source", SOURCES)
def test_frames_are_the_same_in_short_segments_as_in_one(rendered: Rendered, source: str) -> None:
    document = film(source, LOSSLESS)
    whole = rendered(document, seconds=60)
    assert [(segment.first, segment.end) for segment in whole.segments] == [(0, FRAMES)]
    times, wanted = decoded_frames(Path(whole.output))
    assert times == [number / FPS for number in range(FRAMES)]
    assert [read_number(frame[:HEIGHT]) for frame in wanted] == numbers_shown(SOURCES[source][2])
    for workers in (1, 3):
        report = rendered(document, seconds=SHORT, workers=workers)
        assert borders(report) == BORDERS
        times, frames = decoded_frames(Path(report.output))
        assert times == [number / FPS for number in range(FRAMES)]
        assert [number for number in range(FRAMES) if digest(frames[number]) != digest(wanted[number])] == []


@pytest.mark.parametrize("encoder", ["mp4-h264", "mp4-h265"])
def test_frames_beside_a_border_are_encoded_as_well_as_others(rendered: Rendered, encoder: str) -> None:
    _, drawn = decoded_frames(Path(rendered(film("deep", LOSSLESS), seconds=60).output))
    quality = {"crf": 26, "preset": "veryfast", "copy": "never"}
    report = rendered(film("deep", quality, encoder), seconds=SHORT, workers=2)
    times, frames = decoded_frames(Path(report.output))
    assert times == [number / FPS for number in range(FRAMES)]
    likeness = [psnr(frame, wanted) for frame, wanted in zip(frames, drawn, strict=True)]
    beside = {frame for border in borders(report) for frame in (border - 1, border)}
    inside = [likeness[number] for number in range(FRAMES) if number not in beside]
    assert len(beside) == 2 * len(BORDERS)
    assert min(likeness[number] for number in beside) > min(inside) - 1
    assert float(np.mean([likeness[number] for number in beside])) > float(np.mean(inside)) - 1


def test_sound_goes_on_over_borders_as_one_stream(rendered: Rendered) -> None:
    quality = LOSSLESS | {"audio_kbit": 320}
    whole = rendered(film("deep", quality), seconds=60)
    report = rendered(film("deep", quality), seconds=SHORT, workers=3)
    packets = sound_packets(Path(report.output))
    assert packets == sound_packets(Path(whole.output))
    assert all(after[0] == before[0] + before[1] for before, after in pairwise(packets))
    beside = [round(border / FPS * RATE) for border in borders(report)]
    breaks = breaks_in(Path(report.output))
    inside = breaks[RATE // 10 : -RATE // 10]
    assert len(breaks) >= 4.9 * RATE
    assert max(breaks[at - 2000 : at + 2000].max() for at in beside) <= inside.max() < CLICK


def sound_packets(path: Path) -> Sequence[tuple[int, int, bytes]]:
    """Return time, length and content of each packet of the only sound."""
    with av.open(str(path)) as container:
        [stream] = container.streams.audio
        return [
            (packet.pts or 0, packet.duration or 0, bytes(packet)) for packet in container.demux(stream) if packet.size
        ]


def breaks_in(path: Path) -> np.ndarray:
    """Return how far each sample is from going on with the tone: a sine's neighbours are 2 cos(w) times it together."""
    blocks = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", RATE)
        for frame in container.decode(audio=0):
            blocks += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    wave = np.concatenate(blocks).astype(np.float64)
    turn = 2 * np.cos(2 * np.pi * TONE_HZ / RATE)
    return np.abs(wave[2:] + wave[:-2] - turn * wave[1:-1])
