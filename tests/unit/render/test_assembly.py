"""Assembled files show the very pictures of their pieces, each at its time, with the sound and captions beside them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.api import EncodeJob, Encoder, MediaError, parse_values
from core.media.encode import open_session
from core.media.encode.languages import language_code
from core.render.assembly import assemble
from core.render.head_room import with_head_room
from core.render.work import Assembly, Piece, Target
from core.timeline.plan import CaptionTrack, Cue
from plugins.encoders.h26x.h264 import H264
from plugins.encoders.h26x.h265 import H265
from plugins.encoders.prores import PRORES
from plugins.encoders.web import AV1, VP9
from tests.support.encoding import HEIGHT, SECOND, WIDTH, encode_clip, frame_at, tone
from tests.support.full_disk import full_disk

ENCODERS = {encoder.id: encoder for encoder in (H264, H265, VP9, AV1, PRORES)}
RATES = (Fraction(24), Fraction(30000, 1001), Fraction(30), Fraction(60))
CUTS = (0, 13, 14, 40)
"""Where pieces begin and the last one ends: one of them is a single frame."""
MILLISECOND = Fraction(1, 1000)


def target_of(encoder: Encoder) -> Target:
    values, complaints = parse_values(encoder.params, encoder.presets["draft"])
    assert not complaints
    return Target(encoder=encoder.id, values=values, width=WIDTH, height=HEIGHT)


def write_piece(
    encoder: Encoder, path: Path, first: int, end: int, *, fps: Fraction, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> Piece:
    """Encode the test frames ``[first, end)`` as a worker does: a picture alone, without the container's options."""
    target = target_of(encoder)
    job = EncodeJob(
        path=path, width=size[0], height=size[1], fps=fps, frames=end - first, has_audio=False, values=target.values
    )
    session = open_session(replace(encoder, audio=None, container_options={}), job)
    for number in range(first, end):
        frame = frame_at(number, is_rgba=encoder.has_alpha).reformat(*size)
        frame.pts = number - first
        session.write_video(frame)
    session.close()
    return Piece(path=path, first=first, frames=end - first)


def write_sound(encoder: Encoder, path: Path, seconds: Fraction) -> Path:
    """Encode a tone as a worker does: a sound alone."""
    target = target_of(encoder)
    job = EncodeJob(path=path, width=0, height=0, fps=None, frames=0, has_audio=True, values=target.values)
    session = open_session(replace(encoder, video=None), job)
    session.write_audio(tone(0, round(seconds * SECOND)))
    session.close()
    return path


@pytest.fixture
def parts(tmp_path: Path) -> Callable[[Encoder, Fraction], Assembly]:
    """Make all parts of a short video."""

    def make(encoder: Encoder, fps: Fraction) -> Assembly:
        pieces = tuple(
            write_piece(encoder, tmp_path / f"piece-{first}", first, end, fps=fps) for first, end in pairwise(CUTS)
        )
        sound = write_sound(encoder, tmp_path / "sound", CUTS[-1] / fps)
        cue = Cue(start=Fraction(1, 4), end=Fraction(1, 2), text="Été")
        track = CaptionTrack(language="fr", cues=(cue,), is_sidecar=False, is_soft=True)
        return Assembly(
            target=target_of(encoder), fps=fps, frames=CUTS[-1], pieces=pieces, sound=sound, captions=(track,)
        )

    return make


def shown(path: Path) -> tuple[list[Fraction], list[str]]:
    """Return the times of a video's frames, in seconds, and the hash of each one's pixels."""
    times, pictures = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            times.append(seconds(frame.pts, frame.time_base))
            pixels = sha256()
            for plane in frame.planes:
                deep = 2 if frame.format.components[0].bits > 8 else 1
                lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
                pixels.update(np.ascontiguousarray(lines[: plane.height, : plane.width * deep]))
            pictures.append(pixels.hexdigest())
    return times, pictures


def heard(path: Path) -> tuple[Fraction, np.ndarray]:
    """Return when a file's sound begins, in seconds, and its samples, shape (count, 2)."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        resampler = av.AudioResampler("flt", "stereo", SECOND)
        blocks = [part.to_ndarray() for frame in frames for part in resampler.resample(frame)]
    return seconds(frames[0].pts, frames[0].time_base), np.concatenate(blocks, axis=1).reshape(-1, 2)


def captions_of(path: Path) -> list[tuple[str, Fraction, Fraction, bytes]]:
    """Return the language, start, length (seconds) and content of each soft caption."""
    with av.open(str(path)) as container:
        streams = container.streams.subtitles
        return [
            (
                streams[0].language or "",
                seconds(packet.pts, packet.time_base),
                seconds(packet.duration, packet.time_base),
                bytes(packet),
            )
            for packet in container.demux(*streams)
            if packet.size > 2  # between captions, MP4 has empty ones
        ]


def seconds(stamp: int | None, base: Fraction | None) -> Fraction:
    assert stamp is not None
    assert base is not None
    return Fraction(stamp) * Fraction(base.numerator, base.denominator)


def nearly(times: Sequence[Fraction], fps: Fraction, encoder: Encoder) -> bool:
    """Tell whether times are those of a constant rate, as exactly as the container counts."""
    most = MILLISECOND / 2 if encoder.container == "webm" else 0
    return len(times) == CUTS[-1] and all(abs(time - number / fps) <= most for number, time in enumerate(times))


@pytest.mark.parametrize("fps", RATES, ids=lambda fps: f"{float(fps):.5g}")
@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)
def test_pictures_sound_and_captions_are_those_of_the_parts(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly], encoder: Encoder, fps: Fraction
) -> None:
    assembly = parts(encoder, fps)
    output = tmp_path / "video"
    assemble(assembly, encoder, output)
    times, pictures = shown(output)
    assert nearly(times, fps, encoder)
    assert pictures == [picture for piece in assembly.pieces for picture in shown(piece.path)[1]]
    assert assembly.sound is not None
    start, samples = heard(output)
    _, alone = heard(assembly.sound)
    length = round(CUTS[-1] / fps * SECOND)
    assert start == 0
    assert np.array_equal(samples, alone)
    assert length <= len(samples) <= length + (0 if encoder is PRORES else 1024)
    middle = slice(4800, length - 4800)
    assert np.abs(samples[middle] - tone(0, length)[middle]).max() < 0.02
    [(language, since, lasting, content)] = captions_of(output)
    assert (language, since, lasting) == (
        language_code("fr", encoder.container),
        Fraction(1, 4),
        Fraction(1, 4),
    )
    assert content.endswith("Été".encode())


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)
def test_a_file_of_pieces_is_described_as_one_that_is_encoded_in_one_go(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly], encoder: Encoder
) -> None:
    fps = RATES[1]

    def described(path: Path) -> dict[str, object]:
        with av.open(str(path)) as container:
            video, sound = container.streams.video[0], container.streams.audio[0]
            context = video.codec_context
            next(container.decode(video))
            tags = (context.color_range, context.colorspace, context.color_primaries, context.color_trc)
            return {
                "container": container.format.name,
                "rate": video.average_rate,
                "codec": (context.name, context.codec_tag, context.pix_fmt, context.profile),
                "size": (video.width, video.height, video.sample_aspect_ratio),
                "tags": tags,
                "sound": (sound.codec_context.name, sound.rate, sound.layout.name),
                "languages": [stream.language for stream in container.streams.subtitles],
            }

    assembly = parts(encoder, fps)
    assemble(assembly, encoder, tmp_path / "assembled")
    whole = encode_clip(encoder, tmp_path / "whole", frames=CUTS[-1], fps=fps, captions=assembly.captions)
    assert described(tmp_path / "assembled") == described(whole)


def test_an_mp4_begins_with_its_index(tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly]) -> None:
    assemble(parts(H264, Fraction(30)), H264, tmp_path / "video")
    content = (tmp_path / "video").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize("encoder", [H264, H265, PRORES], ids=lambda encoder: encoder.id)
def test_a_large_file_has_its_index_at_its_head_without_being_moved(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly], monkeypatch: pytest.MonkeyPatch, encoder: Encoder
) -> None:
    assembly = parts(encoder, Fraction(30))
    assemble(assembly, encoder, tmp_path / "moved")
    monkeypatch.setattr("core.render.assembly.HEAD_ROOM_FROM", 0)
    assemble(assembly, encoder, tmp_path / "in place")
    content = (tmp_path / "in place").read_bytes()
    assert content.index(b"moov") < content.index(b"free") < content.index(b"mdat")
    assert packets_of(tmp_path / "in place") == packets_of(tmp_path / "moved")


def packets_of(path: Path) -> list[tuple[int, int | None, int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(packet.stream.index, packet.pts, packet.dts, bytes(packet)) for packet in container.demux()]


def test_room_for_an_index_is_left_in_the_place_of_faststart_alone() -> None:
    assert with_head_room({"movflags": "+faststart"}, 100) == {"moov_size": str(100 * 44 + 65536)}
    assert with_head_room({"movflags": "+faststart"}, None) == {"movflags": "+faststart"}
    assert with_head_room({"movflags": "+frag_keyframe"}, 100) == {"movflags": "+frag_keyframe"}
    assert with_head_room({}, 100) == {}


def test_the_room_is_enough_when_each_packet_stands_alone(tmp_path: Path) -> None:
    """The most an index can hold: two tracks whose packets alternate, of uneven lengths, orders and key frames."""
    count = 4000
    options = with_head_room({"movflags": "+faststart"}, 2 * count)
    with av.open(str(tmp_path / "video.mp4"), "w", options=options) as container:
        streams = [container.add_stream("libx264", rate=30) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        container.start_encoding()
        place = 0
        for number in range(count):
            for stream in streams:
                packet = av.Packet(b"\0\0\0\1\x65" + bytes(number % 7))
                packet.stream, packet.time_base = stream, Fraction(1, 15360)
                packet.dts, packet.pts = place, place + number % 5 * 100
                packet.duration, packet.is_keyframe = 100 + number % 3, number % 2 == 0
                container.mux_one(packet)
            place += 100 + number % 3
    content = (tmp_path / "video.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"free") < content.index(b"mdat")
    index = int.from_bytes(content[content.index(b"moov") - 4 :][:4])
    assert index > 2 * count * 20  # the test is a hard one


def test_a_silent_video_has_no_sound(tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly]) -> None:
    assembly = replace(parts(H264, Fraction(30)), sound=None, captions=())
    assemble(assembly, H264, tmp_path / "video")
    with av.open(str(tmp_path / "video")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_sound_that_is_longer_or_shorter_than_the_picture_is_kept_whole(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly]
) -> None:
    assembly = parts(H264, Fraction(30))
    for place, length in enumerate((Fraction(1, 5), Fraction(4))):
        sound = write_sound(H264, tmp_path / f"sound-{place}", length)
        assemble(replace(assembly, sound=sound), H264, tmp_path / f"video-{place}")
        assert np.array_equal(heard(tmp_path / f"video-{place}")[1], heard(sound)[1])
        assert len(shown(tmp_path / f"video-{place}")[1]) == CUTS[-1]


@pytest.mark.parametrize("encoder", [H264, VP9, PRORES], ids=lambda encoder: encoder.id)
def test_the_same_parts_give_the_same_bytes(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly], encoder: Encoder
) -> None:
    assembly = parts(encoder, Fraction(30))
    for name in ("one", "two"):
        assemble(assembly, encoder, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def removed(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def made_of_noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def made_a_picture(path: Path) -> None:
    Image.new("RGB", (WIDTH, HEIGHT)).save(path, "PNG")


def made_a_sound(path: Path) -> None:
    write_sound(H264, path, Fraction(1))


def made_another_codecs(path: Path) -> None:
    write_piece(VP9, path, CUTS[1], CUTS[2], fps=Fraction(30))


def made_another_size(path: Path) -> None:
    write_piece(H264, path, CUTS[1], CUTS[2], fps=Fraction(30), size=(80, 46))


def made_a_frame_longer(path: Path) -> None:
    write_piece(H264, path, CUTS[1], CUTS[2] + 1, fps=Fraction(30))


def made_a_video(path: Path) -> None:
    write_piece(H264, path, 0, 10, fps=Fraction(30))


def left_with_no(output: Path, assembly: Assembly, encoder: Encoder) -> None:
    with pytest.raises(MediaError):
        assemble(assembly, encoder, output)
    assert not output.exists()


WRONGS = (removed, emptied, cut_in_half, made_of_noise, made_a_picture)


@pytest.mark.parametrize(
    "wrong",
    [*WRONGS, made_a_sound, made_another_codecs, made_another_size, made_a_frame_longer],
    ids=lambda wrong: wrong.__name__,
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_wrong_piece_is_refused_and_no_file_is_left(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly], place: int, wrong: Callable[[Path], None]
) -> None:
    assembly = parts(H264, Fraction(30))
    wrong(assembly.pieces[place].path)
    left_with_no(tmp_path / "video", assembly, H264)


@pytest.mark.parametrize("encoder", [VP9, PRORES], ids=lambda encoder: encoder.id)
@pytest.mark.parametrize("wrong", [*WRONGS, made_a_sound], ids=lambda wrong: wrong.__name__)
def test_a_wrong_piece_is_refused_in_other_containers_too(
    tmp_path: Path,
    parts: Callable[[Encoder, Fraction], Assembly],
    encoder: Encoder,
    wrong: Callable[[Path], None],
) -> None:
    assembly = parts(encoder, Fraction(30))
    wrong(assembly.pieces[1].path)
    left_with_no(tmp_path / "video", assembly, encoder)


@pytest.mark.parametrize("wrong", [*WRONGS, made_a_video], ids=lambda wrong: wrong.__name__)
def test_a_wrong_sound_is_refused_and_no_file_is_left(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly], wrong: Callable[[Path], None]
) -> None:
    assembly = parts(H264, Fraction(30))
    assert assembly.sound is not None
    wrong(assembly.sound)
    left_with_no(tmp_path / "video", assembly, H264)


def test_a_piece_that_lacks_the_end_of_its_last_picture_is_refused(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly]
) -> None:
    assembly = parts(VP9, Fraction(30))
    content = assembly.pieces[1].path.read_bytes()
    assembly.pieces[1].path.write_bytes(content[: content.rindex(b"\x1c\x53\xbb\x6b") - 4])  # before its index
    left_with_no(tmp_path / "video", assembly, VP9)


def test_pieces_that_leave_a_gap_or_overlap_are_refused(
    tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly]
) -> None:
    assembly = parts(H264, Fraction(30))
    first, second, third = assembly.pieces
    for pieces in (
        (first, replace(second, first=12), third),
        (first, second, replace(third, first=15)),
        (second, first, third),
        (first, third),
        (first, second, third, third),
    ):
        left_with_no(tmp_path / "video", replace(assembly, pieces=pieces), H264)


def test_a_place_that_can_not_be_written_is_named(parts: Callable[[Encoder, Fraction], Assembly]) -> None:
    with pytest.raises(MediaError, match=r"^video: can't be put together: "):
        assemble(parts(H264, Fraction(30)), H264, Path("/proc/self/task/video"))


def test_a_full_disk_leaves_no_file(tmp_path: Path, parts: Callable[[Encoder, Fraction], Assembly]) -> None:
    assembly = parts(H264, Fraction(30))
    with full_disk(after=2000):
        left_with_no(tmp_path / "video", assembly, H264)
