"""Tests of the transition."""

import numpy as np
from my_plugin import BLINDS

from core.api import Values
from core.api.testing import check_transition, sample_canvas
from core.api.testing.effects import moment
from core.api.testing.samples import blank_canvas


def test_the_transition_keeps_its_contract() -> None:
    check_transition(BLINDS)


def test_half_way_one_slat_shows_half_of_each_clip() -> None:
    before, after = sample_canvas(64, 36, seed=0), sample_canvas(64, 36, seed=1)
    out = blank_canvas(before, 0)
    BLINDS.mix(before, after, out, 0.5, Values({"slats": 1}), moment(0))
    assert np.array_equal(out.y[:, :32], after.y[:, :32])
    assert np.array_equal(out.y[:, 32:], before.y[:, 32:])
