from fractions import Fraction

import pytest

from core.media.layers.fitting import fit
from core.timeline.plan import Crop, Fit, Placement


def test_a_sources_own_pixels_are_drawn_smaller_where_the_output_is() -> None:
    fitting = fit(Placement(fit=Fit.NONE, pixel_scale=Fraction(1, 2)), (100, 50), (400, 300))
    assert (fitting.x, fitting.y, fitting.width, fitting.height) == (175, 137.5, 50, 25)
    assert fitting.crop == (0, 0, 100, 50)


def test_what_a_box_hides_of_them_is_cut_off_in_the_sources_pixels() -> None:
    placement = Placement(fit=Fit.NONE, pixel_scale=Fraction(1, 2), crop=Crop(left=0.5))
    fitting = fit(placement, (400, 100), (60, 300))
    assert (fitting.x, fitting.y, fitting.width, fitting.height) == (0, 125, 60, 50)
    assert fitting.crop == pytest.approx((240, 0, 120, 100))
