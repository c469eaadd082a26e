"""Laws of progress, and the shared maths that plugins read."""

import pytest

from core.api import Law, animation_maths, transition_maths
from core.api.maths import Piece

TENT = Law((Piece(0, 0.5, (0, 1)), Piece(0.5, 1, (1, -1))))


@pytest.mark.parametrize(("progress", "value"), [(-1, 0), (0, 0), (0.125, 0.25), (0.5, 1), (0.75, 0.5), (1, 0), (7, 0)])
def test_a_law_follows_its_pieces_and_holds_beyond_them(progress: float, value: float) -> None:
    assert TENT.at(progress) == value


def test_a_law_that_extends_goes_on_beyond_its_pieces() -> None:
    law = Law((Piece(0, 1, (-1, 1)),), extends=True)
    assert [law.at(progress) for progress in (-0.5, 0, 1, 1.5)] == [-1.5, -1, 0, 0.5]


def test_a_polynomial_has_its_constant_first_and_runs_over_its_piece() -> None:
    law = Law((Piece(0.25, 0.75, (1, 0, 3, -2)),))
    assert [law.at(progress) for progress in (0, 0.25, 0.375, 0.5, 0.75, 1)] == [1, 1, 1.15625, 1.5, 2, 2]


def test_the_maths_of_the_house_is_read_from_the_shared_data() -> None:
    assert transition_maths("zoom").laws["leaving"].at(0.5) == 0.5
    assert transition_maths("slide").choices["direction"]["left"] == {"across": -1, "down": 0}
    assert transition_maths("dissolve").numbers["fewest"] == 2
    assert animation_maths("slide").laws["way"].extends


def test_no_other_contribution_has_shared_maths() -> None:
    with pytest.raises(KeyError):
        transition_maths("acme.spin")
    with pytest.raises(KeyError):
        animation_maths("wipe")
