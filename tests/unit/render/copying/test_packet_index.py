"""Packet indexes: what reading a source's packets tells, for sources as they come."""

import json
from fractions import Fraction
from pathlib import Path

import av
import pytest

from core.api import MediaError
from core.render.copying.index import NOTHING, index_source, read_index
from tests.support.clips import write_clip

GROUPS = {"preset": "medium", "bf": "2", "x264-params": "scenecut=0:keyint=12:b-adapt=0:b-pyramid=none"}


def test_every_packet_is_listed_with_its_time_and_size(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 30, options=GROUPS)
    index = index_source(clip)
    assert index is not None
    with av.open(str(clip)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert index.times == tuple(packet.pts for packet in packets)
    assert index.sizes == tuple(packet.size for packet in packets)
    assert (index.codec, index.length_size, index.origin) == ("h264", 4, 0)
    assert index.starts == index.keys == (0, 12, 24)
    assert index.open_starts == index.leading == index.barred == ()
    [coding] = index.codings
    assert (coding.width, coding.height, coding.profile) == (320, 180, "High")


def test_an_index_outlives_its_way_as_json(tmp_path: Path) -> None:
    index = index_source(write_clip(tmp_path / "clip.mp4", 13, fps=Fraction(30000, 1001), options=GROUPS))
    assert index is not None
    assert read_index(index.to_json()) == index


def test_that_nothing_can_be_copied_outlives_its_way_too() -> None:
    assert read_index(NOTHING) is None


@pytest.mark.parametrize("codec", ["libvpx-vp9", "mjpeg", "mpeg4"])
def test_other_codecs_have_no_index(tmp_path: Path, codec: str) -> None:
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    clip = write_clip(tmp_path / "clip.mkv", 3, codec=codec, pixel_format=pixel_format)
    assert index_source(clip) is None


def test_a_source_with_start_codes_is_listed(tmp_path: Path) -> None:
    index = index_source(write_clip(tmp_path / "clip.ts", 30, options=GROUPS))
    assert index is not None
    assert (index.length_size, index.starts, index.barred) == (0, (0, 12, 24), ())
    assert index.origin > 0


def test_recovery_points_are_keys_but_no_starts(tmp_path: Path) -> None:
    options = {"preset": "medium", "x264-params": "open-gop=1:scenecut=0:keyint=12"}
    index = index_source(write_clip(tmp_path / "clip.mp4", 30, options=options))
    assert index is not None
    assert index.starts == (0,)
    assert len(index.keys) == 3


def test_open_groups_of_h265_are_listed_with_their_leading_pictures(tmp_path: Path) -> None:
    params = "log-level=none:open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"
    clip = write_clip(tmp_path / "clip.mp4", 30, codec="libx265", options={"x265-params": params})
    index = index_source(clip)
    assert index is not None
    assert (index.codec, index.starts, len(index.open_starts)) == ("hevc", (0,), 2)
    assert set(index.leading).isdisjoint((*index.starts, *index.open_starts))
    assert all(any(0 < number - start < 4 for start in index.open_starts) for number in index.leading)


def test_packets_that_are_cut_away_by_an_edit_list_are_not_shown(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", 30, options=GROUPS)
    cut = tmp_path / "cut.mp4"
    with av.open(str(whole)) as source, av.open(str(cut), "w") as written:
        stream = written.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size and packet.pts is not None and packet.dts is not None:
                packet.pts, packet.dts = packet.pts - 5 * 512, packet.dts - 5 * 512
                packet.stream = stream
                written.mux_one(packet)
    index = index_source(cut)
    assert index is not None
    hidden = [number for number, time in enumerate(index.times) if time is None]
    assert len(hidden) == 5
    assert set(hidden) <= set(index.barred)


def test_a_packet_with_other_parameter_sets_is_barred(tmp_path: Path) -> None:
    one = write_clip(tmp_path / "one.ts", 12, options=GROUPS)
    other = write_clip(tmp_path / "other.ts", 12, options=GROUPS | {"x264-params": "cabac=0:keyint=12"})
    both = tmp_path / "both.ts"
    both.write_bytes(one.read_bytes() + other.read_bytes())
    index = index_source(both)
    assert index is not None
    assert index.barred == (12,)


def test_a_damaged_packet_is_barred(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 13, options=GROUPS)
    whole = index_source(clip)
    assert whole is not None
    with av.open(str(clip)) as container:
        place = next(packet.pos for packet in container.demux(video=0) if packet.size == whole.sizes[5])
    assert place is not None
    content = bytearray(clip.read_bytes())
    content[place : place + 4] = b"\xff\xff\xff\xff"
    clip.write_bytes(content)
    index = index_source(clip)
    assert index is not None
    assert 5 in index.barred
    assert len(index.barred) < 13


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.mp4: can't be read"):
        index_source(tmp_path / "gone.mp4")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sizes", [1]),
        ("starts", [99]),
        ("leading", [-1]),
        ("time_base", "0"),
        ("sets", ["no hex"]),
        ("codec", "vp9"),
        ("times", "none"),
        ("time_base", "1/0"),
    ],
)
def test_a_worker_that_lies_is_not_believed(tmp_path: Path, field: str, value: object) -> None:
    index = index_source(write_clip(tmp_path / "clip.mp4", 13, options=GROUPS))
    assert index is not None
    told = json.loads(index.to_json()) | {field: value}
    with pytest.raises(MediaError, match="a worker described"):
        read_index(json.dumps(told).encode())
