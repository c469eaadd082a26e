"""Parameter sets of H.264 and H.265: read, told apart by ids of their own, written into one header."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from core.render.copying.coding import Role, UnitCodec
from core.render.copying.h264 import H264
from core.render.copying.h265 import H265
from core.render.copying.joining import Joint
from core.render.copying.nal import DamagedUnit, units
from core.render.copying.numbering import Crowded
from core.render.copying.usability import Usability
from tests.support.clips import write_clip

QUIET = "log-level=none"


def header_of(path: Path) -> bytes:
    with av.open(str(path)) as container:
        header = container.streams.video[0].codec_context.extradata
    assert header
    return header


def h264(path: Path, params: str = "", **options: Any) -> bytes:
    given = {"options": {"preset": "medium", "x264-params": params}} | options
    return header_of(write_clip(path, 3, **given))


def h265(path: Path, params: str = "", **options: Any) -> bytes:
    given = {"options": {"preset": "ultrafast", "x265-params": f"{QUIET}:{params}"}} | options
    return header_of(write_clip(path, 3, codec="libx265", **given))


@pytest.fixture(params=["h264", "h265"])
def coded(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[UnitCodec, bytes]:
    if request.param == "h264":
        return H264(), h264(tmp_path / "clip.mp4")
    return H265(), h265(tmp_path / "clip.mp4")


def test_headers_are_read_and_written_as_the_muxer_writes_them(coded: tuple[UnitCodec, bytes]) -> None:
    codec, header = coded
    configuration = codec.read(header)
    assert configuration.length_size == 4
    again = codec.read(codec.write(configuration.sets))
    assert (again.length_size, again.sets) == (4, configuration.sets)
    if isinstance(codec, H264):
        assert codec.write(configuration.sets) == header


def test_headers_with_start_codes_are_read(coded: tuple[UnitCodec, bytes]) -> None:
    codec, header = coded
    sets = codec.read(header).sets
    read = codec.read(b"".join(b"\0\0\0\1" + unit for unit in sets))
    assert (read.length_size, read.sets) == (0, sets)


@pytest.mark.parametrize("cut", [5, 7, 20])
def test_a_header_that_ends_too_early_is_damaged_or_says_nothing(coded: tuple[UnitCodec, bytes], cut: int) -> None:
    codec, header = coded
    with pytest.raises(DamagedUnit):
        codec.codings(codec.read(header[:cut]).sets)


def test_a_missing_header_says_nothing(coded: tuple[UnitCodec, bytes]) -> None:
    codec, _ = coded
    with pytest.raises(DamagedUnit, match="not all there"):
        codec.codings(codec.read(b"").sets)


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        ({"preset": "medium"}, "High"),
        ({"preset": "medium", "profile": "main"}, "Main"),
        ({"preset": "medium", "profile": "baseline"}, "Constrained Baseline"),
    ],
)
def test_profile_level_and_size_of_h264_are_read(tmp_path: Path, options: dict[str, str], profile: str) -> None:
    header = h264(tmp_path / "clip.mp4", size=(322, 182), options={**options, "level": "4.1"})
    [coding] = H264().codings(H264().read(header).sets)
    assert (coding.profile, coding.level) == (profile, 41)
    assert (coding.width, coding.height, coding.pixel_format) == (322, 182, "yuv420p")
    assert coding.is_progressive
    assert coding.usability == Usability()


def test_size_and_level_of_h265_are_read(tmp_path: Path) -> None:
    header = h265(tmp_path / "clip.mp4", "level-idc=41:temporal-layers=3:scaling-list=default", size=(322, 182))
    [coding] = H265().codings(H265().read(header).sets)
    assert (coding.profile, coding.level) == ("Main", 123)
    assert (coding.width, coding.height, coding.pixel_format) == (322, 182, "yuv420p")
    assert coding.is_progressive
    assert coding.usability.is_house_colour


@pytest.mark.parametrize(("pixel_format", "profile"), [("yuv420p10le", "110"), ("yuv422p", "122"), ("yuv444p", "244")])
def test_other_pixel_formats_of_h264_are_told(tmp_path: Path, pixel_format: str, profile: str) -> None:
    header = h264(tmp_path / "clip.mp4", pixel_format=pixel_format)
    [coding] = H264().codings(H264().read(header).sets)
    assert (coding.pixel_format, coding.profile) == (pixel_format, profile)


def test_ten_bits_of_h265_are_told(tmp_path: Path) -> None:
    header = h265(tmp_path / "clip.mp4", pixel_format="yuv420p10le")
    [coding] = H265().codings(H265().read(header).sets)
    assert (coding.pixel_format, coding.profile) == ("yuv420p10le", "Main 10")


def tagged(**tags: Any) -> Callable[[av.VideoStream], None]:
    def prepare(stream: av.VideoStream) -> None:
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)

    return prepare


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize(
    ("tags", "wanted", "is_house"),
    [
        (
            {"color_primaries": 1, "color_trc": 1, "colorspace": 1, "color_range": 1},
            Usability(primaries=1, transfer=1, matrix=1),
            True,
        ),
        ({"color_range": 2}, Usability(is_full_range=True), False),
        ({"color_primaries": 9}, Usability(primaries=9), False),
        ({"color_trc": 16}, Usability(transfer=16), False),
        ({"colorspace": 6}, Usability(matrix=6), False),
        ({"sample_aspect_ratio": Fraction(4, 3)}, Usability(sample_aspect=Fraction(4, 3)), True),
        ({"sample_aspect_ratio": Fraction(12, 11)}, Usability(sample_aspect=Fraction(12, 11)), True),
        ({"sample_aspect_ratio": Fraction(7, 5)}, Usability(sample_aspect=Fraction(7, 5)), True),
    ],
)
def test_colours_and_pixel_shape_are_read(
    tmp_path: Path, codec: str, tags: dict[str, Any], wanted: Usability, is_house: bool
) -> None:
    read: UnitCodec = H264() if codec == "h264" else H265()
    header = (h264 if codec == "h264" else h265)(tmp_path / "clip.mp4", prepare=tagged(**tags))
    [coding] = read.codings(read.read(header).sets)
    assert coding.usability == wanted
    assert coding.usability.is_house_colour is is_house


@pytest.mark.parametrize("params", ["interlaced=1", "fake-interlaced=1"])
def test_interlaced_coding_is_told(tmp_path: Path, params: str) -> None:
    header = h264(tmp_path / "clip.mp4", params)
    [coding] = H264().codings(H264().read(header).sets)
    assert not coding.is_progressive
    assert (coding.width, coding.height) == (320, 180)


def test_fields_of_h265_are_told(tmp_path: Path) -> None:
    header = h265(tmp_path / "clip.mp4", "interlace=tff")
    [coding] = H265().codings(H265().read(header).sets)
    assert not coding.is_progressive


def test_equal_ids_are_given_apart_and_the_rest_is_the_same(coded: tuple[UnitCodec, bytes]) -> None:
    codec, header = coded
    sets = codec.read(header).sets
    first = codec.renamed(sets, ())
    assert (first.sets, first.pictures) == (sets, {0: 0})
    second = codec.renamed(sets, first.sets)
    assert second.pictures == {0: 15}
    assert len(second.sets) == len(sets)
    assert set(second.sets).isdisjoint(sets)
    assert codec.codings(second.sets) == codec.codings(sets)
    assert codec.renamed(second.sets, first.sets).pictures == {15: 15}
    third = codec.renamed(sets, (*first.sets, *second.sets))
    assert third.pictures == {0: 16}


def test_there_is_room_for_many_and_an_end(coded: tuple[UnitCodec, bytes]) -> None:
    codec, header = coded
    sets = codec.read(header).sets
    taken: list[bytes] = []
    for _ in range(17 if isinstance(codec, H264) else 16):
        taken += codec.renamed(sets, taken).sets
    with pytest.raises(Crowded, match="too many"):
        codec.renamed(sets, taken)
    assert len(set(codec.read(codec.write(taken)).sets)) == len(taken)


def test_the_common_header_has_the_highest_profile_and_level(tmp_path: Path) -> None:
    low = h264(tmp_path / "low.mp4", options={"preset": "medium", "profile": "baseline", "level": "3.0"})
    high = h264(tmp_path / "high.mp4", options={"preset": "medium", "level": "4.2"})
    header = Joint("h264", [low, high, low], [1, 1, 1]).header
    assert (header[1], header[3]) == (100, 42)
    assert header[5] & 0x1F == 2
    assert len(H264().read(header).sets) == 4


def test_the_common_header_of_h265_promises_what_all_keep(tmp_path: Path) -> None:
    low = h265(tmp_path / "low.mp4", "level-idc=31")
    high = h265(tmp_path / "high.mp4", "level-idc=51:keyint=12")
    header = Joint("hevc", [low, high], [1, 1]).header
    assert header[1] & 0x1F == 1
    assert header[12] == 153
    assert len(H265().read(header).sets) == 6


def test_pieces_with_one_header_stay_as_they_are(coded: tuple[UnitCodec, bytes]) -> None:
    codec, header = coded
    joint = Joint("h264" if isinstance(codec, H264) else "hevc", [header, header], [1, 1])
    assert joint.header == header
    assert joint.packet(header, memoryview(b"\0\0\0\1\x65")) is None


def test_what_most_frames_need_is_not_spelled_anew(tmp_path: Path) -> None:
    few = h264(tmp_path / "few.mp4", options={"preset": "medium", "profile": "baseline"})
    many = h264(tmp_path / "many.mp4", options={"preset": "medium"})
    joint = Joint("h264", [few, many, few, many], [2, 50, 2, 50])
    slices = memoryview(b"\0\0\0\2\x41\xe0")  # first_mb_in_slice 0, slice_type 0, pic_parameter_set_id 0
    assert joint.packet(many, slices) is None
    assert joint.packet(few, slices) not in (None, bytes(slices))


def test_other_codecs_keep_the_first_header() -> None:
    joint = Joint("vp9", [b"", b"\1"], [1, 1])
    assert joint.header == b""
    assert joint.packet(b"\1", memoryview(b"anything")) is None


def test_a_picture_whose_set_is_missing_is_damaged(coded: tuple[UnitCodec, bytes]) -> None:
    codec, header = coded
    renaming = codec.renamed(codec.read(header).sets, codec.read(header).sets)
    slice_of_set_2 = b"\x65\x88\x60\x80" if isinstance(codec, H264) else b"\x02\x01\xb0\x80\x80"
    with pytest.raises(DamagedUnit, match="not there"):
        codec.respelled(memoryview(slice_of_set_2), renaming)


def roles(path: Path, codec: UnitCodec) -> list[set[Role]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        size = codec.read(stream.codec_context.extradata or b"").length_size
        return [
            {codec.role(unit) for unit in units(memoryview(packet), size)} - {Role.EXTRA}
            for packet in container.demux(stream)
            if packet.size
        ]


def test_a_recovery_point_of_h264_is_no_start(tmp_path: Path) -> None:
    clip = write_clip(
        tmp_path / "open.mp4", 25, options={"preset": "medium", "x264-params": "open-gop=1:scenecut=0:keyint=12"}
    )
    found = roles(clip, H264())
    assert found[0] == {Role.START}
    assert all(each == {Role.PICTURE} for each in found[1:])
    with av.open(str(clip)) as container:
        keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    assert keys.count(True) == 3


def test_the_open_groups_of_h265_have_leading_pictures(tmp_path: Path) -> None:
    params = f"{QUIET}:open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"
    clip = write_clip(tmp_path / "open.mp4", 30, codec="libx265", options={"x265-params": params})
    found = roles(clip, H265())
    assert found[0] == {Role.START}
    assert found.count({Role.OPEN_START}) == 2
    assert found.count({Role.LEADING}) > 2


def test_units_of_unknown_kinds_are_foreign() -> None:
    for kind in (0, 2, 3, 4, 13, 14, 15, 19, 20, 21, 24, 31):
        assert H264().role(memoryview(bytes((kind, 0)))) is Role.FOREIGN
    for kind in (10, 16, 17, 18, 22, 36, 37, 41, 62, 63):
        assert H265().role(memoryview(bytes((kind << 1, 1, 0)))) is Role.FOREIGN
    another_layer, drops_what_waits = b"\x02\x09\x80", bytes((19 << 1, 1, 0xC0))
    assert H265().role(memoryview(another_layer)) is Role.FOREIGN
    assert H265().role(memoryview(drops_what_waits)) is Role.FOREIGN


def test_of_messages_only_those_that_decoding_needs_are_kept() -> None:
    timing, recovery, private = b"\x01\x02\xaa\xbb", b"\x06\x01\xc4", b"\x05\xff\x03" + b"p" * 258
    unit = b"\x06" + timing + recovery + private + b"\x80"
    assert H264().kept(memoryview(unit)) == b"\x06" + recovery + b"\x80"
    assert H264().kept(memoryview(b"\x06" + private + b"\x80")) is None
    assert H265().kept(memoryview(b"\x4e\x01" + private + recovery + b"\x80")) == b"\x4e\x01" + recovery + b"\x80"
