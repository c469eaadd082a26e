"""Tests of the effect."""

import numpy as np
from my_plugin import NEGATIVE

from core.api import RgbKernel, Values
from core.api.testing import check_effect, sample_rgb
from core.api.testing.effects import moment


def test_the_effect_keeps_its_contract() -> None:
    check_effect(NEGATIVE)


def test_the_negative_of_the_negative_is_the_picture() -> None:
    assert isinstance(NEGATIVE.kernel, RgbKernel)
    picture = sample_rgb(64, 36)
    once = NEGATIVE.kernel.draw(picture, Values({"amount": 1.0}), moment(0))
    assert np.array_equal(once, 255 - picture)
    assert np.array_equal(NEGATIVE.kernel.draw(once, Values({"amount": 1.0}), moment(0)), picture)
