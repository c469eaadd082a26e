"""The benchmark's trials: their footage, and that they see what is wrong with an output."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from benchmarks.footage import LONG, TAKE_CLIPS, TRIMS, Excerpt, Join, splice, trimmed
from benchmarks.material import Format, Material, prepare, write_clip
from benchmarks.scenes import Film, titles_for
from benchmarks.tools.reelhouse import render_command, timeline_of, write_timeline
from benchmarks.trials.again import faults as faults_again
from benchmarks.trials.change import NEW_TEXT, changed
from benchmarks.trials.sameness import differing_frames, frames_of, is_same_sound, picture_at
from benchmarks.trials.tiny import median_seconds
from benchmarks.trials.untouched import Look, looked_at
from benchmarks.trials.untouched import faults as faults_untouched

FORM = Format(name="tiny", width=96, height=54, fps=30, clip_seconds=0.4, bit_rate=400_000, clips=2, stills=0)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return prepare(tmp_path_factory.mktemp("material"), FORM)


@pytest.fixture(scope="module")
def take(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("take") / "take.mp4"
    splice(material.clips * 3, path, FORM)
    return path


def _join(material: Material, take: Path) -> Join:
    return Join(
        name="join",
        material=material,
        excerpts=(Excerpt(source=take, first=0, frames=48), Excerpt(source=take, first=12, frames=48)),
    )


def _joined(material: Material, take: Path, path: Path, *, swapped: int | None = None) -> Path:
    """Write both excerpts without encoding them anew; ``swapped`` is a frame that shows another one instead."""
    pictures: list[np.ndarray] = []
    with av.open(str(take)) as source:
        decoded = [frame.to_ndarray(format="yuv420p") for frame in source.decode(video=0)]
    pictures = [*decoded[:48], *decoded[12:60]]
    if swapped is not None:
        pictures[swapped] = pictures[0]
    with av.open(str(path), "w") as written:
        stream = written.add_stream("libx264", rate=30, options={"qp": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = FORM.width, FORM.height, "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            written.mux(stream.encode(frame))
        written.mux(stream.encode(None))
    return path


def test_a_take_is_its_clips_one_after_another_packet_by_packet(material: Material, take: Path) -> None:
    with av.open(str(take)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    sources = []
    for clip in material.clips * 3:
        with av.open(str(clip)) as container:
            sources += [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert packets == sources
    with av.open(str(take)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx([n / 30 for n in range(72)])


def test_clips_that_are_coded_in_different_ways_make_no_take(material: Material, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    wide = replace(FORM, width=128)
    write_clip(other, iter([np.zeros((54, 128, 3), np.uint8)] * 3), wide)
    with pytest.raises(ValueError, match=r"other\.mp4 is coded in another way"):
        splice((material.clips[0], other), tmp_path / "take.mp4", FORM)


def test_takes_are_five_minutes_and_cut_between_key_frames_on_whole_tenths() -> None:
    assert TAKE_CLIPS[LONG] * LONG.clip_seconds >= 300
    cuts = [trimmed(part, LONG) for trim in TRIMS for part in trim]
    assert cuts == [27, 21, 39, 12]
    assert all(0 < cut < LONG.clip_frames for cut in cuts)


def test_a_join_is_a_timeline_of_its_excerpts_with_key_frames_as_rare_as_the_other_tools(
    material: Material, take: Path
) -> None:
    document = timeline_of(_join(material, take))
    assert document["output"]["quality"]["keyframe_interval"] * FORM.fps == pytest.approx(250)
    [track] = document["tracks"]
    assert track["clips"] == [
        {"start": 0.0, "duration": 1.6, "asset": {"type": "video", "src": "file:take.mp4", "in": 0.0}},
        {"start": 1.6, "duration": 1.6, "asset": {"type": "video", "src": "file:take.mp4", "in": 0.4}},
    ]


def test_a_timeline_lies_beside_its_material_and_is_rendered_in_the_home_that_is_asked_for(
    material: Material, tmp_path: Path
) -> None:
    path = write_timeline("plain", {"version": 1}, material)
    assert (path.parent, json.loads(path.read_text())) == (material.folder, {"version": 1})
    command = render_command(path, tmp_path / "out.mp4", tmp_path / "home", cores=(0,))
    assert command.argv[1:] == ("render", str(path), "-o", str(tmp_path / "out.mp4"))
    assert (command.environment, command.cores) == ({"REELHOUSE_HOME": str(tmp_path / "home")}, (0,))


def test_each_frame_that_is_its_sources_own_is_counted(material: Material, take: Path, tmp_path: Path) -> None:
    join = _join(material, take)
    output = _joined(material, take, tmp_path / "out.mp4")
    look = looked_at(output, join)
    assert look == Look(exact=96, changed=0)
    assert faults_untouched(look, {"passed through": output}, join) == ()


@pytest.mark.parametrize(
    ("swapped", "complaint"),
    [
        (60 + 5, "1 frames that lie outside the edges are not exactly the source's"),
        (40, "a picture at an edge differs from its source"),
    ],
)
def test_one_frame_that_shows_another_is_found(
    material: Material, take: Path, tmp_path: Path, swapped: int, complaint: str
) -> None:
    join = _join(material, take)
    output = _joined(material, take, tmp_path / "out.mp4", swapped=swapped)
    look = looked_at(output, join)
    [found] = faults_untouched(look, {"passed through": output}, join)
    assert found.startswith(complaint)
    assert look.exact == 95


def test_a_file_of_another_length_is_found(material: Material, take: Path) -> None:
    assert faults_untouched(Look(), {"passed through": take}, _join(material, take)) == (
        "passed through: 72 frames instead of 96",
    )


def test_frames_whose_packets_differ_are_named(material: Material, take: Path, tmp_path: Path) -> None:
    first, second = material.clips
    splice((first, first), tmp_path / "one.mp4", FORM)
    splice((first, second), tmp_path / "other.mp4", FORM)
    assert differing_frames(tmp_path / "one.mp4", tmp_path / "one.mp4", 30) == frozenset()
    assert differing_frames(tmp_path / "one.mp4", tmp_path / "other.mp4", 30) == frozenset(range(12, 24))
    assert differing_frames(tmp_path / "one.mp4", first, 30) == frozenset(range(12, 24))
    assert faults_again(tmp_path / "one.mp4", tmp_path / "other.mp4", frames=25, fps=30) == (
        "24 frames instead of 25",
        "12 frames differ in the second file",
    )
    assert frames_of(take) == 72


def test_sound_is_compared(material: Material, take: Path) -> None:
    assert is_same_sound(material.music, material.music)
    assert not is_same_sound(material.music, take)


def test_a_frame_is_found_by_its_number(material: Material, take: Path) -> None:
    for frame, clip, number in ((0, 0, 0), (30, 0, 6), (71, 1, 11)):
        with av.open(str(material.clips[clip])) as container:
            wanted = list(container.decode(video=0))[number].to_ndarray(format="yuv420p")
        assert np.array_equal(picture_at(take, frame, 30)[0], wanted[: FORM.height])
    with pytest.raises(LookupError, match="has no frame 72"):
        picture_at(take, 72, 30)


def test_one_title_of_the_midst_is_changed(material: Material) -> None:
    before = Film(name="before", material=material, clips=material.clips, titles=titles_for(FORM, 2))
    after, number = changed(before)
    assert number == 1
    assert [title.text == NEW_TEXT for title in after.titles] == [False, True]
    assert replace(after, name="before", titles=before.titles) == before
    assert (after.titles[1].start, after.titles[1].duration) == (before.titles[1].start, before.titles[1].duration)


def test_the_median_of_jobs_leaves_out_the_first() -> None:
    calls = []
    assert median_seconds(lambda: calls.append(1), jobs=3) >= 0
    assert len(calls) == 4
