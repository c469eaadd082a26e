"""Strips of what is taken over: each thumbnail shows the last key frame at or before its moment."""

from fractions import Fraction
from pathlib import Path

import cv2
import pytest

from core.api import MediaError
from core.render.copied_strips import draw_strip
from core.render.copying.cuts import Cuts
from core.render.copying.index import index_source
from core.render.strips import read_strip
from core.render.work import StripRun
from tests.support.clips import read_number, write_clip
from tests.support.copying import taken_piece
from tests.support.plans import plan_of

PYRAMID = {"preset": "medium", "bf": "5", "x264-params": "scenecut=0:keyint=24:b-adapt=0:b-pyramid=normal"}
OPEN = {"x265-params": "log-level=none:open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=4:b-adapt=0"}


def strip_run(clip: Path, first: int, end: int) -> StripRun:
    index = index_source(clip)
    assert index is not None
    [take] = Cuts(index).takes(first, end)
    return StripRun(plan=plan_of(frames=1), piece=taken_piece(clip, index, take), key="strip")


@pytest.mark.parametrize(("codec", "options"), [("libx264", PYRAMID), ("libx265", OPEN)])
def test_each_thumbnail_shows_the_key_frame_before_it(tmp_path: Path, codec: str, options: dict[str, str]) -> None:
    run = strip_run(write_clip(tmp_path / "clip.mp4", 100, codec=codec, options=options), 24, 90)
    draw_strip(run, tmp_path)
    thumbnails = read_strip(tmp_path / "strip", run.plan, run.piece.frames)
    shown = [read_number(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY)) for each in thumbnails]
    first = run.piece.take.first
    assert run.plan.fps == Fraction(30)
    wanted = [first + frame for frame in range(0, run.piece.frames, 15)]
    keys = [frame for frame in range(0, 100, 24) if frame >= first] or [first]
    assert shown == [max((key for key in keys if key <= frame), default=first) for frame in wanted]
    assert len(set(shown)) > 1


def test_a_source_that_has_gone_is_named_and_no_strip_is_left(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 60, options=PYRAMID)
    run = strip_run(clip, 0, 60)
    clip.unlink()
    with pytest.raises(MediaError, match=r"clip\.mp4: can't be read: No such file"):
        draw_strip(run, tmp_path)
    assert list(tmp_path.iterdir()) == []
