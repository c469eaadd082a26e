"""Clean cuts, worked out on packets written by hand: their times in the order in which they are decoded."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from core.render.copying.coding import Coding
from core.render.copying.cuts import Cuts, Take
from core.render.copying.index import PacketIndex
from core.render.copying.usability import Usability

CODING = Coding(
    profile="High",
    level=40,
    width=320,
    height=180,
    pixel_format="yuv420p",
    is_progressive=True,
    usability=Usability(),
)


def listed(times: Sequence[int | None], **marks: tuple[int, ...]) -> PacketIndex:
    return PacketIndex(
        codec="h264",
        codings=(CODING,),
        sets=(),
        length_size=4,
        origin=Fraction(0),
        time_base=Fraction(1, 30),
        times=tuple(times),
        sizes=(100,) * len(times),
        **marks,
    )


def takes(index: PacketIndex, first: int, end: int) -> list[tuple[int, int, int, int]]:
    return [(take.start, take.stop, take.first, take.end) for take in Cuts(index).takes(first, end)]


# I P b b, twice: each group of four starts anew.
CLOSED = listed([0, 3, 1, 2, 4, 7, 5, 6, 8], starts=(0, 4, 8))
# I, B-pyramid (8 4 2 1 3 6 5 7), then I again.
PYRAMID = listed([0, 8, 4, 2, 1, 3, 6, 5, 7, 9, 10], starts=(0, 9))


def test_a_whole_source_is_one_copy() -> None:
    assert takes(CLOSED, 0, 9) == [(0, 9, 0, 9)]


def test_a_copy_begins_with_a_picture_that_stands_alone() -> None:
    assert takes(CLOSED, 1, 9) == [(4, 9, 4, 9)]
    assert takes(CLOSED, 4, 9) == [(4, 9, 4, 9)]
    assert takes(CLOSED, 5, 9) == [(8, 9, 8, 9)]
    assert takes(CLOSED, 9, 9) == []


@pytest.mark.parametrize(
    ("end", "stops"), [(9, (9, 9)), (8, (8, 8)), (7, (5, 5)), (6, (5, 5)), (5, (5, 5)), (4, (4, 4))]
)
def test_a_copy_ends_where_nothing_shown_before_is_decoded_after(end: int, stops: tuple[int, int]) -> None:
    # Frames 5 and 6 need frame 7: a copy that may not show it ends before them.
    assert takes(CLOSED, 0, end) == [(0, stops[0], 0, stops[1])]


@pytest.mark.parametrize(("end", "stops"), [(11, 11), (10, 10), (9, 9), (8, 1), (2, 1), (1, 1)])
def test_a_pyramid_is_copied_whole_or_not_at_all(end: int, stops: int) -> None:
    assert takes(PYRAMID, 0, end) == [(0, stops, 0, stops)]


def test_an_end_needs_no_key_frame() -> None:
    assert takes(listed(range(100), starts=(0, 60)), 0, 59) == [(0, 59, 0, 59)]


def test_a_picture_that_is_no_start_begins_nothing() -> None:
    assert takes(listed([0, 3, 1, 2, 4, 7, 5, 6], starts=(0,)), 1, 8) == []


def test_a_source_that_begins_in_midst_of_a_group_is_copied_from_its_first_start() -> None:
    assert takes(listed([2, 5, 3, 4, 6, 7], starts=(4,)), 0, 6) == [(4, 6, 4, 6)]


def test_a_start_before_which_not_all_was_shown_is_no_clean_one() -> None:
    # Frame 4 is decoded before the start, but shown after it: it would be lost.
    assert takes(listed([0, 1, 4, 2, 3, 5, 6], starts=(0, 3)), 1, 7) == []


def test_decodable_leading_pictures_come_along() -> None:
    # The start is shown after the two pictures that follow it.
    assert takes(listed([0, 1, 4, 2, 3, 5], starts=(0, 2)), 1, 6) == [(2, 6, 2, 6)]
    assert takes(listed([0, 1, 4, 2, 3, 5], starts=(0, 2)), 3, 6) == []


def test_leading_pictures_of_an_open_start_are_left_to_be_drawn() -> None:
    index = listed([0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 10], starts=(0,), open_starts=(4, 7), leading=(5, 6, 8, 9))
    assert takes(index, 1, 11) == [(4, 11, 6, 11)]
    cuts = Cuts(index)
    # Those of the first open start can't be decoded from there; those of the next can.
    assert cuts.packets(Take(start=4, stop=11, first=6, end=11)) == [(4, 0), (7, 3), (8, 1), (9, 2), (10, 4)]
    assert takes(index, 0, 11) == [(0, 11, 0, 11)]
    assert len(cuts.packets(Take(start=0, stop=11, first=0, end=11))) == 11


def test_what_is_barred_is_drawn_and_copying_goes_on_after_it() -> None:
    index = listed(range(30), starts=(0, 10, 20), barred=(13,))
    assert takes(index, 0, 30) == [(0, 13, 0, 13), (20, 30, 20, 30)]


def test_a_copy_before_what_is_barred_leaves_no_frame_out() -> None:
    # Frame 2 can't be copied, so neither can frame 3, which was decoded before it.
    assert takes(listed([0, 3, 1, 2, 4, 5], starts=(0,), barred=(3,)), 0, 6) == [(0, 1, 0, 1)]


def test_what_is_not_shown_is_no_frame_and_not_copied() -> None:
    index = listed([None, None, 0, 1, 2, 3, None, 4, 5], starts=(0, 4, 7))
    assert takes(index, 0, 6) == [(4, 6, 2, 4), (7, 9, 4, 6)]


def test_pictures_at_one_time_are_not_copied() -> None:
    index = listed([0, 1, 2, 2, 3, 4], starts=(0, 4))
    assert takes(index, 0, 6) == [(0, 2, 0, 2), (4, 6, 4, 6)]


def test_a_source_without_pictures_has_no_copies() -> None:
    assert takes(listed([]), 0, 10) == []
    assert takes(listed([None, None], starts=(0,)), 0, 10) == []


def test_packets_are_numbered_as_they_are_decoded_and_shown() -> None:
    cuts = Cuts(CLOSED)
    assert cuts.packets(Take(start=4, stop=8, first=4, end=8)) == [(4, 0), (5, 3), (6, 1), (7, 2)]


def test_a_frame_is_shown_from_its_time_to_the_next() -> None:
    cuts = Cuts(listed([10, 40, 20, 30], starts=(0,)))
    shown = [cuts.frame_at(Fraction(time, 300)) for time in (0, 99, 100, 101, 199, 200, 299, 300, 400, 9000)]
    assert shown == [-1, -1, 0, 0, 0, 1, 1, 2, 3, 3]


def test_times_count_from_the_beginning_of_the_file() -> None:
    index = PacketIndex(
        codec="h264",
        codings=(CODING,),
        sets=(),
        length_size=4,
        origin=Fraction(5),
        time_base=Fraction(1, 30),
        times=(150, 151, 152),
        sizes=(1, 1, 1),
        starts=(0,),
    )
    assert [Cuts(index).frame_at(Fraction(number, 30)) for number in (-1, 0, 1, 2, 3)] == [-1, 0, 1, 2, 2]
