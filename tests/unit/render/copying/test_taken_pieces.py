"""Taken pieces: packets of a source, put together as a file of their own."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from core.api import Encoder, MediaError
from core.render.assembly import assemble
from core.render.copying.cuts import Cuts, Take
from core.render.copying.index import PacketIndex, index_source
from core.render.work import Assembly, Target
from plugins.encoders.h26x.h264 import H264
from plugins.encoders.h26x.h265 import H265
from tests.support.clips import lumas, read_number, write_clip
from tests.support.copying import decoded_frames, digest, planned, taken_piece
from tests.support.plans import plan_of

DEEP = {"preset": "medium", "bf": "5", "x264-params": "scenecut=0:keyint=24:b-adapt=0:b-pyramid=normal:ref=6"}
FLAT = {"preset": "ultrafast", "bf": "0", "x264-params": "scenecut=0:keyint=24"}


def indexed(path: Path) -> PacketIndex:
    index = index_source(path)
    assert index is not None
    return index


def take_of(index: PacketIndex, first: int, end: int) -> Take:
    [take] = Cuts(index).takes(first, end)
    return take


def write_taken(source: Path, index: PacketIndex, take: Take, path: Path, encoder: Encoder = H264) -> None:
    """Put together a video of 30 frames a second that is one take."""
    plan = planned(plan_of(frames=1), encoder)
    [coding] = index.codings
    piece = taken_piece(source, index, take)
    target = Target(encoder=encoder.id, values=plan.output.values, width=coding.width, height=coding.height)
    assembly = Assembly(target=target, fps=Fraction(30), frames=piece.frames, pieces=(piece,), sound=None)
    assemble(assembly, encoder, path)


def stamps(path: Path) -> list[tuple[int, int]]:
    """Return times of showing and decoding in frames, in the order of decoding."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        scale = Fraction(stream.time_base.numerator, stream.time_base.denominator) * 30
        return [
            (int(packet.pts * scale), int(packet.dts * scale))
            for packet in container.demux(stream)
            if packet.size and packet.pts is not None and packet.dts is not None
        ]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv", "clip.ts"])
@pytest.mark.parametrize("options", [DEEP, FLAT])
def test_a_piece_holds_the_frames_of_its_take_and_no_other(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    clip = write_clip(tmp_path / name, 100, options=options)
    index = indexed(clip)
    take = take_of(index, 30, 91)
    assert take.first == 48
    write_taken(clip, index, take, tmp_path / "piece")
    times, pictures = decoded_frames(tmp_path / "piece")
    assert times == [Fraction(number, 30) for number in range(take.end - take.first)]
    _, source = decoded_frames(clip)
    wanted = [digest(picture) for picture in source[take.first : take.end]]
    assert [digest(picture) for picture in pictures] == wanted


def test_packets_are_stamped_in_frames_and_decoded_in_time(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 60, options=DEEP)
    index = indexed(clip)
    write_taken(clip, index, take_of(index, 24, 60), tmp_path / "piece")
    found = stamps(tmp_path / "piece")
    assert sorted(shown for shown, _ in found) == list(range(len(found)))
    assert all(after[1] - before[1] == 1 for before, after in pairwise(found))
    assert all(shown >= decoded for shown, decoded in found)
    assert any(shown == decoded for shown, decoded in found)
    assert found[0][0] == 0


def test_a_piece_has_a_header_and_colours_of_its_own_and_no_parameter_sets_within(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.ts", 60, options=DEEP)
    index = indexed(clip)
    write_taken(clip, index, take_of(index, 0, 60), tmp_path / "piece")
    piece = indexed(tmp_path / "piece")
    assert (piece.length_size, piece.sets, piece.barred) == (4, index.sets, ())
    with av.open(str(tmp_path / "piece")) as container:
        stream = container.streams.video[0]
        kinds = {bytes(packet)[4] & 0x1F for packet in container.demux(stream) if packet.size}
        context = stream.codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
    assert kinds <= {1, 5}


def test_private_messages_stay_behind(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 30, options=DEEP)
    assert b"x264 - core" in clip.read_bytes()
    index = indexed(clip)
    write_taken(clip, index, take_of(index, 0, 30), tmp_path / "piece")
    assert b"x264 - core" not in (tmp_path / "piece").read_bytes()


def test_an_open_group_begins_a_piece_without_what_needs_more(tmp_path: Path) -> None:
    params = "log-level=none:open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=4:b-adapt=0:b-pyramid=1"
    clip = write_clip(tmp_path / "clip.mp4", 90, codec="libx265", options={"x265-params": params})
    index = indexed(clip)
    take = take_of(index, 1, 90)
    assert set(index.leading) & set(range(take.start, take.start + 5))
    assert take.start in index.open_starts
    write_taken(clip, index, take, tmp_path / "piece", H265)
    times, pictures = decoded_frames(tmp_path / "piece")
    assert times == [Fraction(number, 30) for number in range(take.end - take.first)]
    _, source = decoded_frames(clip)
    assert [digest(each) for each in pictures] == [digest(each) for each in source[take.first : take.end]]
    with av.open(str(tmp_path / "piece")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.codec_tag == "hvc1"
        kinds = [bytes(packet)[4] >> 1 for packet in container.demux(stream) if packet.size]
    # Its count of pictures begins anew (BLA, 17); the next open start goes on as it was (CRA, 21).
    assert [kind for kind in kinds if kind > 15] == [17, 21, 21]


def test_a_source_in_whose_midst_times_begin_late_is_found(tmp_path: Path) -> None:
    late = [Fraction(5) + Fraction(number, 30) for number in range(60)]
    for name in ("clip.ts", "clip.mkv", "clip.mp4"):
        clip = write_clip(tmp_path / name, 60, options=DEEP, times=late)
        index = indexed(clip)
        write_taken(clip, index, take_of(index, 0, 50), tmp_path / f"{name}.piece")
        numbers = [read_number(luma) for luma in lumas(tmp_path / f"{name}.piece")]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) > 40


@pytest.mark.parametrize("frames", [60, 40])
def test_another_file_than_the_one_that_was_indexed_is_refused(tmp_path: Path, frames: int) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 60, options=DEEP)
    index = indexed(clip)
    take = take_of(index, 24, 60)
    write_clip(clip, frames, options=FLAT)
    with pytest.raises(MediaError, match=r"clip\.mp4: can't be copied from: a picture that was found before"):
        write_taken(clip, index, take, tmp_path / "piece")
    assert not (tmp_path / "piece").exists()


def changed(values: Sequence[int], place: int) -> tuple[int, ...]:
    return tuple(value + (number == place) for number, value in enumerate(values))


def test_a_file_that_changed_behind_the_start_is_refused(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 60, options=DEEP)
    index = indexed(clip)
    take = take_of(index, 24, 60)
    other = replace(index, sizes=changed(index.sizes, 40))
    with pytest.raises(MediaError, match="its pictures are not those that were found before"):
        write_taken(clip, other, take, tmp_path / "piece")
    assert not (tmp_path / "piece").exists()


def test_a_file_that_became_shorter_is_refused(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.ts", 60, options=FLAT)
    index = indexed(clip)
    content = clip.read_bytes()
    clip.write_bytes(content[: len(content) // 376 * 188])
    with pytest.raises(MediaError, match="before"):
        write_taken(clip, index, take_of(index, 0, 60), tmp_path / "piece")
    assert not (tmp_path / "piece").exists()


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 30, options=DEEP)
    index = indexed(clip)
    clip.unlink()
    with pytest.raises(MediaError, match=r"clip\.mp4: can't be read: No such file"):
        write_taken(clip, index, take_of(index, 0, 30), tmp_path / "piece")
    assert list(tmp_path.iterdir()) == []
