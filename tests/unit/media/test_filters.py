"""libavfilter chains: reuse, commands, rebuilding, release."""

from fractions import Fraction

import av
import numpy as np
import pytest

from core.api import Filter
from core.media.filters import FilterChain
from core.media.frames import new_frame, plane_view


def dot(width: int = 64, height: int = 48) -> av.VideoFrame:
    frame = new_frame(width, height)
    for index, value in enumerate((16, 128, 128)):
        plane_view(frame, index)[:] = value
    plane_view(frame, 0)[height // 2, width // 2] = 235
    return frame


def peak(frame: av.VideoFrame) -> int:
    return int(plane_view(frame, 0).max())


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Collect each graph that is made."""
    made: list[object] = []
    graph = av.filter.Graph

    def counted() -> av.filter.Graph:
        made.append(None)
        return graph()

    monkeypatch.setattr(av.filter, "Graph", counted)
    return made


def test_equal_filters_use_one_graph(opened: list[object]):
    chain = FilterChain("yuv420p", Fraction(30))
    drawn = [chain.run(dot(), [Filter("gblur", {"sigma": 1.0})]) for _ in range(3)]
    assert len(opened) == 1
    assert len({plane_view(frame, 0).tobytes() for frame in drawn}) == 1
    chain.close()


def blur(sigma: float, *, commands: frozenset[str] = frozenset()) -> list[Filter]:
    return [Filter("gblur", {"sigma": sigma, "sigmaV": sigma}, commands)]


def test_a_declared_command_steers_the_running_filter_and_draws_what_a_new_one_would(opened: list[object]):
    chain = FilterChain("yuv420p", Fraction(30))
    steered = [chain.run(dot(), blur(sigma, commands=frozenset({"sigma", "sigmaV"}))) for sigma in (0.6, 1.2, 2.4)]
    assert len(opened) == 1
    anew = [FilterChain("yuv420p", Fraction(30)).run(dot(), blur(sigma)) for sigma in (0.6, 1.2, 2.4)]
    assert [plane_view(frame, 0).tobytes() for frame in steered] == [plane_view(frame, 0).tobytes() for frame in anew]
    assert peak(steered[0]) > peak(steered[1]) > peak(steered[2])


def test_an_option_that_is_no_command_makes_the_filter_anew(opened: list[object]):
    """A command changes gblur's sigma, but not the sigmaV that it took from it: the result would hang on the past."""
    chain = FilterChain("yuv420p", Fraction(30))
    drawn = [chain.run(dot(), [Filter("gblur", {"sigma": sigma})]) for sigma in (0.6, 2.4)]
    assert len(opened) == 2
    anew = FilterChain("yuv420p", Fraction(30)).run(dot(), [Filter("gblur", {"sigma": 2.4})])
    assert plane_view(drawn[1], 0).tobytes() == plane_view(anew, 0).tobytes()


def test_a_command_that_the_filter_does_not_take_makes_it_anew(opened: list[object]):
    def turned(second: str) -> list[Filter]:
        names = frozenset({"dir"})
        return [Filter("transpose", {"dir": "clock"}, names), Filter("transpose", {"dir": second}, names)]

    chain = FilterChain("yuv420p", Fraction(30))
    first, second = chain.run(dot(), turned("cclock")), chain.run(dot(), turned("clock"))
    assert len(opened) == 2
    assert np.array_equal(plane_view(first, 0)[::-1, ::-1], plane_view(second, 0))


def test_another_size_or_filter_is_made_anew(opened: list[object]):
    chain = FilterChain("yuv420p", Fraction(30))
    chain.run(dot(), [Filter("hflip")])
    assert chain.run(dot(32, 32), [Filter("hflip")]).width == 32
    chain.run(dot(32, 32), [Filter("vflip")])
    assert len(opened) == 3


def test_no_filters_pass_the_frame_on(opened: list[object]):
    frame = dot()
    assert FilterChain("yuv420p", Fraction(30)).run(frame, []) is frame
    assert opened == []


def test_frames_keep_their_colour_tags():
    drawn = FilterChain("yuv420p", Fraction(30000, 1001)).run(dot(), [Filter("hflip")])
    assert (drawn.colorspace, drawn.color_range) == (1, 1)


def test_a_chain_goes_on_after_a_refused_filter():
    chain = FilterChain("yuv420p", Fraction(30))
    with pytest.raises(ValueError, match=r"refuses gblur with \{'nonesuch': 1\}: unused config: nonesuch"):
        chain.run(dot(), [Filter("gblur", {"nonesuch": 1})])
    assert peak(chain.run(dot(), [Filter("gblur", {"sigma": 1})])) < 235
