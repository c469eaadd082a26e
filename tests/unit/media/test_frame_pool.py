import av
import numpy as np

from core.media.frame_pool import MOST, FramePool
from core.media.frames import plane_view


def address(frame: av.VideoFrame) -> int:
    return plane_view(frame, 0).ctypes.data


def test_a_frame_that_nobody_holds_is_drawn_into_again() -> None:
    pool = FramePool(64, 36)
    frame = pool.take()
    first = address(frame)
    del frame
    again = pool.take()
    assert address(again) == first
    assert (again.width, again.height, again.format.name) == (64, 36, "yuv420p")


def test_a_frame_is_not_taken_while_it_or_a_view_of_it_is_held() -> None:
    pool = FramePool(64, 36)
    held = pool.take()
    view = plane_view(pool.take(), 1)
    view[:] = 7
    other = pool.take()
    plane_view(other, 1)[:] = 9
    assert len({address(held), address(other)}) == 2
    assert np.all(view == 7)


def test_what_a_codec_still_holds_is_not_written_over() -> None:
    pool = FramePool(64, 36)
    graph = av.filter.Graph()
    source = graph.add_buffer(width=64, height=36, format="yuv420p", time_base=av.AVRational(1, 25))
    sink = graph.add("buffersink")
    source.link_to(sink)
    graph.configure()
    frame = pool.take()
    plane_view(frame, 0)[:] = 50
    frame.pts = 0
    graph.push(frame)
    del frame
    again = pool.take()
    plane_view(again, 0)[:] = 200
    assert np.all(plane_view(sink.pull(), 0) == 50)  # type: ignore[arg-type]


def test_frames_beyond_the_most_that_are_kept_are_the_callers_alone() -> None:
    pool = FramePool(64, 36)
    held = [pool.take() for _ in range(MOST + 3)]
    assert len({address(frame) for frame in held}) == MOST + 3
    assert len(pool._frames) == MOST
