"""Joined pieces: copied and encoded ones, of different parameter sets and depths, play as one."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest

from core.api import MediaError
from core.media.layers.opening import Materials
from core.render.assembly import assemble
from core.render.copying.index import index_source
from core.render.work import Assembly, Piece, Target
from core.timeline.plan import Plan
from plugins.encoders.h26x.h264 import H264
from plugins.encoders.h26x.h265 import H265
from tests.support.clips import write_clip
from tests.support.copying import (
    assert_exact,
    clip_layer,
    decoded_frames,
    digest,
    planned,
    render_with_copies,
)
from tests.support.plans import materials_of, plan_of

FPS = Fraction(30)
PYRAMID = {"preset": "medium", "bf": "5", "x264-params": "scenecut=0:keyint=24:b-adapt=0:b-pyramid=normal"}
DEEPEST = {
    "preset": "medium",
    "bf": "16",
    "x264-params": "scenecut=0:keyint=48:b-adapt=0:b-pyramid=strict:ref=16:b-bias=100",
}
SLICED = {"preset": "fast", "x264-params": "scenecut=0:keyint=20:slices=4:cabac=0:bframes=2:b-adapt=0"}
BASELINE = {"preset": "fast", "profile": "baseline", "x264-params": "scenecut=0:keyint=15"}


def closed(params: str) -> dict[str, str]:
    return {"preset": "superfast", "x265-params": f"log-level=none:scenecut=0:b-adapt=0:{params}"}


def write(folder: Path, options: Sequence[dict[str, str]], *, codec: str = "libx264", fps: Fraction = FPS) -> Materials:
    paths = [
        write_clip(folder / f"{place}.mp4", 80, codec=codec, fps=fps, options=each)
        for place, each in enumerate(options)
    ]
    return materials_of(*paths)


def one_after_another(materials: Materials, frames: int, *, fps: Fraction = FPS) -> Plan:
    layers = [
        clip_layer(src, frames * place, frames, fps=fps, inside=(7 + place) / fps)
        for place, src in enumerate(sorted(materials.media))
    ]
    return plan_of(*layers, frames=frames * len(layers), fps=fps)


@pytest.mark.parametrize("options", [PYRAMID, DEEPEST, SLICED, BASELINE], ids=["pyramid", "deepest", "sliced", "base"])
def test_copies_of_any_depth_show_no_seam(tmp_path: Path, options: dict[str, str]) -> None:
    materials = write(tmp_path, [options])
    plan = planned(one_after_another(materials, 70), H264)
    render = render_with_copies(plan, materials, H264, tmp_path / "out")
    assert len(render.copied) > 15
    assert 0 not in render.copied
    assert_exact(render, plan, materials)


def test_sources_of_different_headers_are_joined(tmp_path: Path) -> None:
    materials = write(tmp_path, [PYRAMID, SLICED, BASELINE, DEEPEST, PYRAMID])
    plan = planned(one_after_another(materials, 60), H264)
    render = render_with_copies(plan, materials, H264, tmp_path / "out")
    assert {copy.src for copy in render.copies} >= {"file:0.mp4", "file:1.mp4", "file:2.mp4", "file:4.mp4"}
    assert_exact(render, plan, materials)
    joined = index_source(render.path)
    assert joined is not None
    # What is encoded anew and four kinds of sources: the first and the last are of one kind.
    assert len({unit for unit in joined.sets if unit.startswith("67")}) == 5
    assert joined.barred == ()


def test_a_broadcast_rate_stays_exact(tmp_path: Path) -> None:
    fps = Fraction(30000, 1001)
    materials = write(tmp_path, [PYRAMID, BASELINE], fps=fps)
    plan = planned(one_after_another(materials, 60, fps=fps), H264)
    render = render_with_copies(plan, materials, H264, tmp_path / "out")
    assert len(render.copies) == 2
    assert_exact(render, plan, materials)


def test_times_of_decoding_rise_evenly_and_never_pass_those_of_showing(tmp_path: Path) -> None:
    materials = write(tmp_path, [BASELINE, PYRAMID])
    plan = planned(one_after_another(materials, 60), H264)
    render = render_with_copies(plan, materials, H264, tmp_path / "out")
    with av.open(str(render.path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    step = packets[0].duration
    assert step
    assert [packet.dts for packet in packets] == [(place - 2) * step for place in range(120)]
    assert sorted(packet.pts or 0 for packet in packets) == [place * step for place in range(120)]
    assert all(packet.pts is not None and packet.dts is not None and packet.pts >= packet.dts for packet in packets)


def test_a_gap_of_one_frame_is_drawn_between_two_copies(tmp_path: Path) -> None:
    materials = write(tmp_path, [PYRAMID])
    first = clip_layer("file:0.mp4", 0, 23, fps=FPS)
    # One frame of the source before the start at frame 24, then copied again.
    second = clip_layer("file:0.mp4", 23, 50, fps=FPS, inside=Fraction(23, 30))
    plan = planned(plan_of(first, second, frames=73), H264)
    render = render_with_copies(plan, materials, H264, tmp_path / "out")
    [before, after] = render.copies
    assert after.first == 24
    assert before.end <= 23
    assert_exact(render, plan, materials)


def test_copies_that_touch_need_nothing_drawn(tmp_path: Path) -> None:
    materials = write(tmp_path, [PYRAMID])
    layers = [clip_layer("file:0.mp4", 24 * place, 24, fps=FPS, inside=Fraction(24 * part, 30)) for place, part in
              enumerate((0, 2, 1, 0))]  # fmt: skip
    plan = planned(plan_of(*layers, frames=96), H264)
    render = render_with_copies(plan, materials, H264, tmp_path / "out")
    assert len(render.copied) == 96
    assert_exact(render, plan, materials)


def test_sources_of_h265_are_joined_from_closed_and_open_groups(tmp_path: Path) -> None:
    kinds = [
        "open-gop=0:keyint=24:bframes=4",
        "open-gop=1:keyint=24:bframes=4:b-pyramid=1",
        "open-gop=0:radl=2:keyint=24",
    ]
    materials = write(tmp_path, [closed(kind) for kind in kinds], codec="libx265")
    plan = planned(one_after_another(materials, 60), H265)
    render = render_with_copies(plan, materials, H265, tmp_path / "out")
    assert {copy.src for copy in render.copies} == set(materials.media)
    assert_exact(render, plan, materials)
    with av.open(str(render.path)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


def assembly_of(*pieces: Piece) -> Assembly:
    plan = planned(plan_of(frames=1), H264)
    return Assembly(
        target=Target(encoder="mp4-h264", values=plan.output.values, width=320, height=180),
        fps=FPS,
        frames=sum(piece.frames for piece in pieces),
        pieces=pieces,
        sound=None,
    )


def test_more_headers_than_there_are_ids_for_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    pieces = []
    for number in range(18):
        path = tmp_path / f"{number}.mp4"
        write_clip(path, 2, options={"x264-params": f"chroma-qp-offset={number - 9}"})
        pieces.append(Piece(path=path, first=2 * number, frames=2))
    with pytest.raises(MediaError, match=r"out\.mp4: its pieces don't fit together: too many"):
        assemble(assembly_of(*pieces), H264, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()
    assemble(assembly_of(*pieces[:17]), H264, tmp_path / "out.mp4")
    _, pictures = decoded_frames(tmp_path / "out.mp4")
    wanted = [digest(picture) for piece in pieces[:17] for picture in decoded_frames(piece.path)[1]]
    assert [digest(picture) for picture in pictures] == wanted


def test_pieces_that_lack_a_frame_are_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "piece.mp4", 5)
    with pytest.raises(MediaError, match=r"piece\.mp4: holds 5 frames instead of 6"):
        assemble(assembly_of(Piece(path=path, first=0, frames=6)), H264, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()
