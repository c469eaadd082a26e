"""Sources that change their size or pixel format mid-stream: what is drawn and encoded keeps one size."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.media.compositor import Compositor
from core.media.frames import Converter, plane_view
from core.media.layers.rasters import VideoRaster
from core.media.probe import probe
from core.media.video import VideoReader
from core.timeline.plan import Fit, Layer, Placement
from core.timeline.sources import Playback, VideoSource
from tests.support.clips import numbered, read_number, write_clip
from tests.support.plans import materials_of, plan_of

FPS = Fraction(30)
EACH = 10
SMALL, LARGE = (160, 90), (640, 360)


def stream(folder: Path, *parts: tuple[tuple[int, int], str], options: dict[str, str] | None = None) -> Path:
    """Write one transport stream out of several H.264 clips of different makes; frames are numbered through."""
    content = b""
    for place, (size, pixel_format) in enumerate(parts):
        first = place * EACH
        times = [1 + (first + number) / FPS for number in range(EACH)]
        part = write_clip(
            folder / f"part{place}.ts",
            EACH,
            size=size,
            pixel_format=pixel_format,
            times=times,
            options={"bf": "0"} | (options or {}),
            picture=lambda number, first=first, size=size: numbered(first + number, *size),
        )
        content += part.read_bytes()
    path = folder / "changing.ts"
    path.write_bytes(content)
    return path


def frames_of(path: Path, count: int) -> list[av.VideoFrame]:
    source = VideoSource(src=f"file:{path.name}", playback=Playback())
    placement = Placement(fit=Fit.STRETCH)
    layer = Layer(id="c", path="c", first=0, end=count, start=Fraction(0), source=source, placement=placement)
    compositor = Compositor(plan_of(layer, frames=count), materials_of(path))
    frames = [compositor.frame(number) for number in range(count)]
    compositor.close()
    return frames


@pytest.mark.parametrize("second", [LARGE, (322, 178), (90, 160)])
def test_a_stream_that_changes_its_size_fills_the_same_frame(tmp_path: Path, second: tuple[int, int]) -> None:
    path = stream(tmp_path, (SMALL, "yuv420p"), (second, "yuv420p"), (SMALL, "yuv420p"))
    with VideoReader(path) as reader:
        assert {(reader.frame_at(n / FPS).width, reader.frame_at(n / FPS).height) for n in range(3 * EACH)} == {
            SMALL,
            second,
        }
    frames = frames_of(path, 3 * EACH)
    assert {(frame.width, frame.height, frame.format.name) for frame in frames} == {(320, 180, "yuv420p")}
    assert [read_number(plane_view(frame, 0)) for frame in frames] == list(range(3 * EACH))


def test_the_same_part_of_the_picture_is_seen_in_every_size(tmp_path: Path) -> None:
    path = stream(tmp_path, (SMALL, "yuv420p"), (LARGE, "yuv420p"))
    left_half = (0.0, 0.0, SMALL[0] / 2, float(SMALL[1]))
    raster = VideoRaster(path, probe(path), Playback(), left_half, 160, 180)
    for number in (0, EACH - 1, EACH, 2 * EACH - 1):
        expected = numbered(number)[:, :160, 0]
        luma = raster.planes(number / FPS).y
        assert luma.shape == expected.shape
        assert np.abs(luma.astype(int) - (expected * 219.0 / 255 + 16)).mean() < 6
    raster.close()


def test_a_stream_that_changes_its_pixel_format_keeps_its_colours(tmp_path: Path) -> None:
    path = stream(tmp_path, (SMALL, "yuv420p"), (SMALL, "yuv444p"), (SMALL, "yuv420p10le"))
    with VideoReader(path) as reader:
        formats = [reader.frame_at((part * EACH + 5) / FPS).format.name for part in range(3)]
    assert formats == ["yuv420p", "yuv444p", "yuv420p10le"]
    frames = frames_of(path, 3 * EACH)
    assert [read_number(plane_view(frame, 0)) for frame in frames] == list(range(3 * EACH))
    shown = [Converter().frame_to_rgb(frame)[150, 160].astype(int) for frame in frames]
    assert max(np.abs(rgb - 96).max() for rgb in shown) <= 4


def test_interlaced_pictures_of_changing_size_and_format_are_made_whole(tmp_path: Path) -> None:
    fields = {"x264-params": "tff=1:interlaced=1"}
    parts = (((160, 96), "yuv420p"), ((640, 352), "yuv422p"), ((160, 96), "yuv444p"))
    path = stream(tmp_path, *parts, options=fields)
    assert probe(path).is_interlaced
    frames = frames_of(path, 3 * EACH)
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
    assert [read_number(plane_view(frame, 0)) for frame in frames] == list(range(3 * EACH))


@pytest.mark.parametrize("is_first", [True, False])
def test_alpha_that_comes_or_goes_mid_stream_is_full_where_it_is_missing(tmp_path: Path, is_first: bool) -> None:
    parts = []
    for name, pixel_format in (("clear.mov", "yuva444p10le"), ("solid.mov", "yuv444p10le")):
        rgba = np.dstack((numbered(5), np.full((180, 320), 128, np.uint8)))
        options = {"profile": "4444"}
        parts.append(
            write_clip(
                tmp_path / name,
                EACH,
                codec="prores_ks",
                pixel_format=pixel_format,
                options=options,
                picture=lambda _number, rgba=rgba, name=name: rgba if name == "clear.mov" else rgba[:, :, :3],
            )
        )
    path = tmp_path / "both.mov"
    ordered = parts if is_first else parts[::-1]
    with av.open(str(ordered[0])) as first, av.open(str(ordered[1])) as second, av.open(str(path), "w") as written:
        target = written.add_stream_from_template(first.streams.video[0])
        for place, source in enumerate((first, second)):
            for packet in source.demux(video=0):
                if packet.size:
                    packet.pts = packet.dts = (packet.pts or 0) + place * EACH * packet.duration
                    packet.stream = target
                    written.mux(packet)
    found = probe(path)
    assert found.has_alpha is is_first
    raster = VideoRaster(path, found, Playback(), (0.0, 0.0, 320.0, 180.0), 320, 180)
    alphas = [raster.planes((part * EACH + 5) / FPS).a for part in range(2)]
    raster.close()
    if is_first:
        clear, solid = alphas
        assert clear is not None
        assert solid is not None
        assert abs(int(clear.mean()) - 128) <= 2
        assert solid.min() == 255
    else:
        assert alphas == [None, None]


def test_a_header_that_tells_another_size_than_the_pictures_have_is_not_believed(tmp_path: Path) -> None:
    honest = write_clip(tmp_path / "honest.mp4", 6, size=(320, 180))
    content = bytearray(honest.read_bytes())
    entry = content.index(b"avc1", content.index(b"stsd"))
    track = content.index(b"tkhd") - 4
    shown = track + int.from_bytes(content[track : track + 4]) - 8
    assert content[entry + 28 : entry + 32] == (320).to_bytes(2) + (180).to_bytes(2)
    assert content[shown : shown + 8] == (320 << 16).to_bytes(4) + (180 << 16).to_bytes(4)
    content[entry + 28 : entry + 32] = (640).to_bytes(2) + (90).to_bytes(2)
    content[shown : shown + 8] = (640 << 16).to_bytes(4) + (90 << 16).to_bytes(4)
    liar = tmp_path / "liar.mp4"
    liar.write_bytes(content)
    assert (probe(liar).width, probe(liar).height) == (320, 180)
    assert [read_number(plane_view(frame, 0)) for frame in frames_of(liar, 6)] == list(range(6))


def test_backwards_memory_is_bounded_when_pictures_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = 160 * 90 * 3 // 2
    monkeypatch.setattr("core.media.video.BACKWARD_BYTES", 30 * small)
    path = stream(tmp_path, (SMALL, "yuv420p"), (LARGE, "yuv420p"))
    kept = []
    with VideoReader(path) as reader:
        numbers = []
        for number in reversed(range(2 * EACH)):
            numbers.append(read_number(plane_view(reader.frame_before((number + Fraction(1, 2)) / FPS), 0)))
            kept.append(sum(frame.width * frame.height * 3 // 2 for frame in reader._backward))
    assert numbers == list(reversed(range(2 * EACH)))
    assert max(kept) <= max(30 * small, 2 * 640 * 360 * 3 // 2)
