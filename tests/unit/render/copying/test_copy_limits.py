"""What is let through: bits, key frames and coding of a stretch, against what was asked of the encoder."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from core.api import CopyLimits, parse_values
from core.render.copying.allowing import allows, fits
from core.render.copying.coding import Coding
from core.render.copying.index import PacketIndex
from core.render.copying.usability import Usability
from core.timeline.plan import Plan
from plugins.encoders.h26x.h264 import H264
from plugins.encoders.h26x.h265 import H265
from tests.support.plans import plan_of

HD = plan_of(frames=90, size=(1920, 1080))
CODING = Coding(
    profile="High",
    level=40,
    width=1920,
    height=1080,
    pixel_format="yuv420p",
    is_progressive=True,
    usability=Usability(),
)
LIMITS = CopyLimits(codec="h264", profiles=("Main", "High"), level=41)
SECOND = 30


def index_of(sizes: list[int], keys: tuple[int, ...] = (0,)) -> PacketIndex:
    return PacketIndex(
        codec="h264",
        codings=(CODING,),
        sets=(),
        length_size=4,
        origin=Fraction(0),
        time_base=Fraction(1, 30),
        times=tuple(range(len(sizes))),
        sizes=tuple(sizes),
        keys=keys,
        starts=keys,
    )


def allowed(sizes: list[int], plan: Plan = HD, keys: tuple[int, ...] = (0,), **limits: Any) -> bool:
    packets = [(number, number) for number in range(len(sizes))]
    return allows(replace(LIMITS, **limits), index_of(sizes, keys), packets, plan)


def test_without_limits_all_is_let_through() -> None:
    assert allowed([10**9] * 90)


def test_the_bit_rate_is_that_of_the_stretch() -> None:
    # 5000 bytes a frame, 30 frames a second: 1.2 Mbit/s.
    assert allowed([5000] * 90, bit_rate=1_200_000)
    assert not allowed([5000] * 90, bit_rate=1_199_999)
    assert allowed([95_000] + [4000] * 89, bit_rate=1_210_667)


def test_larger_pictures_may_have_more_bits_but_not_by_as_much() -> None:
    four_times = plan_of(frames=90, size=(3840, 2160))
    assert allowed([14_000] * 90, four_times, bit_rate=1_200_000)  # 5000 times 4 to the power of 0.75: 14142
    assert not allowed([14_200] * 90, four_times, bit_rate=1_200_000)
    twice_as_fast = plan_of(frames=90, size=(1920, 1080), fps=Fraction(60))
    assert allowed([4200] * 90, twice_as_fast, bit_rate=1_200_000)
    assert not allowed([4210] * 90, twice_as_fast, bit_rate=1_200_000)


def test_the_peak_rate_holds_for_every_two_seconds() -> None:
    rate = 8 * 1000 * SECOND
    assert allowed([1000] * 90, peak_rate=rate)
    assert not allowed([1000] * 900 + [1100] * 900, peak_rate=rate)
    # One picture may be as large as the buffer, if the others leave it the room.
    assert allowed([60_000] + [1000] * 89, peak_rate=rate)
    assert not allowed([60_001] + [1000] * 89, peak_rate=rate)
    assert not allowed([60_000] + [1000] * 10 + [2000] * 5, peak_rate=rate)
    # Quiet stretches save nothing up.
    assert not allowed([0] * 900 + [60_001], peak_rate=rate)


def test_key_frames_may_be_as_far_apart_as_asked() -> None:
    assert allowed([1] * 90, keys=(0, 30, 60), keyframe_interval=1.0)
    assert not allowed([1] * 90, keys=(0, 30, 61), keyframe_interval=1.0)
    assert not allowed([1] * 91, keys=(0, 30, 60), keyframe_interval=1.0)
    assert allowed([1] * 90, keys=(0,), keyframe_interval=0.0)


@pytest.mark.parametrize(
    "changed",
    [
        {"profile": "Constrained Baseline"},
        {"profile": "244"},
        {"level": 42},
        {"width": 1280},
        {"height": 1088},
        {"pixel_format": "yuv420p10le"},
        {"is_progressive": False},
        {"usability": Usability(is_full_range=True)},
        {"usability": Usability(matrix=5)},
        {"usability": Usability(transfer=18)},
        {"usability": Usability(sample_aspect=Fraction(4, 3))},
    ],
)
def test_a_source_that_is_coded_in_another_way_does_not_fit(changed: dict[str, Any]) -> None:
    assert fits(CODING, LIMITS, "yuv420p", HD)
    assert not fits(replace(CODING, **changed), LIMITS, "yuv420p", HD)


def h264_limits(**values: Any) -> CopyLimits | None:
    assert H264.video is not None
    chosen, complaints = parse_values(H264.params, values)
    assert not complaints
    return H264.video.copying(chosen)


def test_by_default_what_cameras_write_is_taken_over() -> None:
    limits = h264_limits()
    assert limits is not None
    assert (limits.codec, limits.bit_rate, limits.peak_rate, limits.keyframe_interval) == ("h264", 50_000_000, 0, 0)
    assert limits.profiles == ("Constrained Baseline", "Baseline", "Main", "High")


@pytest.mark.parametrize(("crf", "bit_rate"), [(15, 100_000_000), (27, 25_000_000), (33, 12_500_000)])
def test_who_asks_for_less_gets_large_footage_encoded_anew(crf: int, bit_rate: int) -> None:
    limits = h264_limits(crf=crf)
    assert limits is not None
    assert limits.bit_rate == bit_rate


def test_a_limit_of_the_rate_holds_for_copies() -> None:
    limits = h264_limits(max_kbit=4000, copy="always")
    assert limits is not None
    assert limits.peak_rate == 4_000_000


def test_copies_can_be_asked_for_and_forbidden() -> None:
    limits = h264_limits(copy="always", crf=51)
    assert limits is not None
    assert limits.bit_rate == 0
    assert h264_limits(copy="never") is None


@pytest.mark.parametrize(
    ("profile", "most"), [("baseline", "Baseline"), ("main", "Main"), ("high", "High"), ("auto", "High")]
)
def test_no_more_than_the_profile_that_was_asked_for_is_taken_over(profile: str, most: str) -> None:
    limits = h264_limits(profile=profile)
    assert limits is not None
    assert limits.profiles[-1] == most


@pytest.mark.parametrize("tune", ["fastdecode", "zerolatency"])
def test_what_is_tuned_for_a_player_is_encoded_for_it(tune: str) -> None:
    assert h264_limits(tune=tune) is None


@pytest.mark.parametrize(("interval", "kept"), [(0.5, 0.5), (1.9, 1.9), (2.0, 0.0), (5.0, 0.0)])
def test_an_interval_shorter_than_usual_holds_for_copies(interval: float, kept: float) -> None:
    limits = h264_limits(keyframe_interval=interval)
    assert limits is not None
    assert limits.keyframe_interval == kept


def test_h265_takes_its_own_kind_over() -> None:
    assert H265.video is not None
    chosen, _ = parse_values(H265.params, {})
    limits = H265.video.copying(chosen)
    assert limits is not None
    assert (limits.codec, limits.profiles, limits.level) == ("hevc", ("Main",), 156)
