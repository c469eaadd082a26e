"""HLS ladders: playlists that hold what they say, sizes that switch at the same frames."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from urllib.parse import unquote

import av
import pytest

from core.api import Encoder, InvalidInput, JsonValue
from plugins.encoders.hls.playlist import Bandwidth, bandwidth
from plugins.encoders.hls.sizes import ladder
from tests.support.encoding import WIDTH, encode_clip, flat_frame, frame_at, luma_at, open_clip, psnr

QUALITY: dict[str, JsonValue] = {"heights": "90 60 44", "segment": 1, "preset": "veryfast", "crf": 18}


def tags(playlist: Path, name: str) -> list[str]:
    return [
        line.removeprefix(f"#{name}:")
        for line in playlist.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"#{name}:")
    ]


def attributes(line: str) -> dict[str, str]:
    """Read an attribute list (RFC 8216 §4.2)."""
    read, rest = {}, line
    while rest:
        name, _, rest = rest.partition("=")
        if rest.startswith('"'):
            value, _, rest = rest[1:].partition('"')
            rest = rest.removeprefix(",")
        else:
            value, _, rest = rest.partition(",")
        read[name] = value
    return read


def lengths(playlist: Path) -> list[float]:
    return [float(line.split(",")[0]) for line in tags(playlist, "EXTINF")]


def segments(playlist: Path) -> list[Path]:
    lines = playlist.read_text(encoding="utf-8").splitlines()
    return [playlist.parent / unquote(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("fps", [Fraction(12), Fraction(25), Fraction(30000, 1001), Fraction(60)], ids=str)
def test_every_size_plays_and_switches_at_the_same_frames(
    encoders: Mapping[str, Encoder], tmp_path: Path, fps: Fraction
) -> None:
    frames = round(Fraction(7, 2) * fps)
    folder = encode_clip(encoders["hls"], tmp_path / "clip.hls", frames=frames, fps=fps, quality=QUALITY)
    second = round(fps)
    for name, size in (("90p", (160, 90)), ("60p", (106, 60)), ("44p", (78, 44))):
        playlist = folder / f"{name}.m3u8"
        with av.open(str(playlist)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            assert (context.width, context.height) == size
            assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
            decoded = list(container.decode(stream))
        assert len(decoded) == frames
        assert [number for number, frame in enumerate(decoded) if frame.key_frame] == list(range(0, frames, second))
        assert lengths(playlist)[:3] == pytest.approx([float(second / fps)] * 3, abs=0.001)
        assert sum(lengths(playlist)) == pytest.approx(float(frames / fps), abs=0.002)
        # Players start a segment at its own time: the times that the playlist gives are those of the frames.
        starts = [frame.time for frame in decoded if frame.key_frame]
        assert starts == pytest.approx([0.0, *accumulate(lengths(playlist)[:-1])], abs=0.002)


def test_playlists_hold_what_players_need(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    folder = encode_clip(encoders["hls"], tmp_path / "clip.hls", frames=75, quality=QUALITY)
    master = folder / "master.m3u8"
    assert master.read_text().startswith("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n")
    (media,) = tags(master, "EXT-X-MEDIA")
    assert attributes(media) | {"TYPE": "AUDIO", "URI": "sound.m3u8", "DEFAULT": "YES"} == attributes(media)
    variants = [attributes(line) for line in tags(master, "EXT-X-STREAM-INF")]
    assert [variant["RESOLUTION"] for variant in variants] == ["160x90", "106x60", "78x44"]
    assert [path.name for path in segments(master)] == ["90p.m3u8", "60p.m3u8", "44p.m3u8"]
    for variant in variants:
        assert variant["AUDIO"] == attributes(media)["GROUP-ID"]
        video, sound = variant["CODECS"].split(",")
        assert video.startswith("avc1.64")
        assert len(video) == len("avc1.64000b")
        assert sound == "mp4a.40.2"
        assert float(variant["FRAME-RATE"]) == 30
        assert 0 < int(variant["AVERAGE-BANDWIDTH"]) <= int(variant["BANDWIDTH"])
    listed = {master, *segments(master), folder / "sound.m3u8"}
    for playlist in (*segments(master), folder / "sound.m3u8"):
        text = playlist.read_text()
        assert text.rstrip().endswith("#EXT-X-ENDLIST")
        assert max(lengths(playlist)) < float(tags(playlist, "EXT-X-TARGETDURATION")[0]) + 0.5
        listed |= {*segments(playlist), folder / attributes(tags(playlist, "EXT-X-MAP")[0])["URI"]}
    assert listed == set(folder.iterdir())


def test_the_whole_ladder_opens_from_its_master(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    folder = encode_clip(encoders["hls"], tmp_path / "clip.hls", frames=45, quality=QUALITY)
    with av.open(str(folder / "master.m3u8")) as container:
        assert len(container.streams.video) == 3
        assert len(container.streams.audio) == 1
        largest = max(container.streams.video, key=lambda stream: stream.codec_context.width)
        frames = list(container.decode(largest))
    assert len(frames) == 45
    luma = frames[20].to_ndarray()[:90, :WIDTH]
    assert psnr(luma, luma_at(20)) > 38
    with av.open(str(folder / "master.m3u8")) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == pytest.approx(72_000, abs=2048)


def test_smaller_sizes_show_the_same_picture(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    session = open_clip(encoders["hls"], tmp_path / "clip.hls", frames=3, quality=QUALITY, has_audio=False)
    for number in range(3):
        session.write_video(flat_frame(number, 100))
    session.close()
    for name in ("90p", "60p", "44p"):
        with av.open(str(tmp_path / "clip.hls" / f"{name}.m3u8")) as container:
            planes = next(container.decode(video=0)).to_ndarray()
        height = planes.shape[0] * 2 // 3
        assert planes[:height].min() >= 99
        assert planes[:height].max() <= 101
        assert abs(planes[height:].astype(int) - 128).max() <= 1


def test_a_ladder_without_sound_says_so(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    session = open_clip(encoders["hls"], tmp_path / "clip.hls", frames=3, quality=QUALITY, has_audio=False)
    for number in range(3):
        session.write_video(frame_at(number, is_rgba=False))
    session.close()
    master = (tmp_path / "clip.hls" / "master.m3u8").read_text()
    assert "AUDIO" not in master
    assert "mp4a" not in master


def test_a_ladder_that_was_there_is_replaced_as_a_whole(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    folder = encode_clip(encoders["hls"], tmp_path / "clip.hls", frames=9, quality=QUALITY)
    assert (folder / "60p.m3u8").exists()
    encode_clip(encoders["hls"], folder, frames=9, quality={**QUALITY, "heights": "90"})
    assert not (folder / "60p.m3u8").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.hls"]


def test_a_folder_may_have_any_name(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    folder = encode_clip(encoders["hls"], tmp_path / "100%d un été", frames=45, quality=QUALITY)
    assert len(segments(folder / "90p.m3u8")) == 2
    assert all(path.is_file() for path in segments(folder / "90p.m3u8"))


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("1080 720 480", (1920, 1080), [(1920, 1080), (1280, 720), (854, 480)]),
        ("1080 720", (1080, 1920), [(1080, 1920), (720, 1280)]),
        ("2160, 1080, 720", (1280, 720), [(1280, 720)]),
        ("1080 720 480", (1600, 1000), [(1600, 1000), (1152, 720), (768, 480)]),
        ("361 360", (640, 480), [(480, 360)]),
        ("480 1080", (1080, 1080), [(1080, 1080), (480, 480)]),
    ],
)
def test_sizes_keep_the_videos_shape(text: str, size: tuple[int, int], expected: list[tuple[int, int]]) -> None:
    assert ladder(text, *size) == expected


@pytest.mark.parametrize(
    "text", ["", " , ", "tall", "720p", "-720", "12", "1" * 5000, "²", " ".join(map(str, range(20, 40)))]
)
def test_sizes_that_make_no_ladder_are_refused_by_their_name(
    encoders: Mapping[str, Encoder], tmp_path: Path, text: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        encode_clip(encoders["hls"], tmp_path / "clip.hls", quality={"heights": text})
    assert raised.value.path == "quality.heights"
    assert list(tmp_path.iterdir()) == []


def test_bandwidth_is_that_of_whole_stretches_of_segments(tmp_path: Path) -> None:
    for name, size in (("a", 1000), ("b", 3000), ("c", 500)):
        (tmp_path / name).write_bytes(bytes(size))
    playlist = tmp_path / "p.m3u8"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n#EXTINF:2,\nb\n#EXTINF:0.1,\nc\n")
    # The last segment alone (40 kbit/s) is too short to count; with the one before it, it counts.
    assert bandwidth(playlist) == Bandwidth(peak=round(3500 * 8 / 2.1), average=round(4500 * 8 / 4.1))
