"""The kit for plugin authors' tests: a contract suite for each kind of contribution, and golden pictures.

Each ``check_…`` exercises a contribution the way the house does and raises ``ContractError``, an ``AssertionError``
that says what is wrong. They are plain functions: call them from any test.
"""

from core.api.testing.animations import check_animation
from core.api.testing.contract import ContractError, MissingValueError
from core.api.testing.effects import check_effect
from core.api.testing.encoders import check_encoder
from core.api.testing.golden import UPDATE_VARIABLE, assert_golden, psnr
from core.api.testing.providers import check_provider
from core.api.testing.samples import sample_canvas, sample_planes, sample_rgb, sample_rgba
from core.api.testing.storage import check_storage
from core.api.testing.transitions import check_transition

__all__ = [
    "UPDATE_VARIABLE",
    "ContractError",
    "MissingValueError",
    "assert_golden",
    "check_animation",
    "check_effect",
    "check_encoder",
    "check_provider",
    "check_storage",
    "check_transition",
    "psnr",
    "sample_canvas",
    "sample_planes",
    "sample_rgb",
    "sample_rgba",
]
