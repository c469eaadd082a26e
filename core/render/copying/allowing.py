"""Allowing copies: whether a stretch of a source is what the encoder and the wishes of its user would let through."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from core.api import CopyLimits, Encoder
from core.render.copying.coding import Coding
from core.render.copying.index import PacketIndex
from core.timeline.plan import Plan

REFERENCE_PIXELS = 1920 * 1080 * 30
"""Pixels a second of the picture that a limit of bits a second is given for."""
PICTURE_POWER = 0.75
"""Bits that equal quality takes grow by this power of the pixels: larger pictures hold less detail in each."""
BUFFER_SECONDS = 2
"""How many seconds' worth of the peak rate may come at once, as when it is encoded."""


def limits_of(plan: Plan, encoder: Encoder) -> CopyLimits | None:
    """Return what the plan's encoder takes over from sources; None when all must be encoded."""
    if encoder.video is None or encoder.open is not None or encoder.has_alpha:
        return None
    return encoder.video.copying(plan.output.values)


def fits(coding: Coding, limits: CopyLimits, pixel_format: str, plan: Plan) -> bool:
    """Tell whether a source's pictures are coded as the output's are."""
    return (
        coding.profile in limits.profiles
        and coding.level <= limits.level
        and (coding.width, coding.height) == (plan.width, plan.height)
        and coding.usability.sample_aspect == 1
        and coding.pixel_format == pixel_format
        and coding.is_progressive
        and coding.usability.is_house_colour
    )


def allows(limits: CopyLimits, index: PacketIndex, packets: Sequence[tuple[int, int]], plan: Plan) -> bool:
    """Tell whether packets (their numbers and frames) are no more bits, nor harder to seek in, than was asked for."""
    bits = [8 * index.sizes[number] for number, _ in packets]
    if limits.bit_rate:
        share = float(plan.width * plan.height * plan.fps) / REFERENCE_PIXELS
        if sum(bits) * plan.fps / len(bits) > limits.bit_rate * share**PICTURE_POWER:
            return False
    if limits.peak_rate and _overflows(bits, limits.peak_rate / plan.fps, limits.peak_rate * BUFFER_SECONDS):
        return False
    return not limits.keyframe_interval or _longest_gap(index, packets) <= limits.keyframe_interval * plan.fps


def _overflows(bits: Iterable[int], drained: Fraction, size: int) -> bool:
    """Tell whether a buffer runs over that takes each picture's bits and drains evenly (Rec. ITU-T H.264, C.1)."""
    level = Fraction(0)
    for each in bits:
        level = max(level - drained, Fraction(0)) + each
        if level > size:
            return True
    return False


def _longest_gap(index: PacketIndex, packets: Sequence[tuple[int, int]]) -> int:
    keys = frozenset(index.keys)
    frames = [frame for number, frame in packets if number in keys]
    return max(after - before for before, after in pairwise((*frames, len(packets))))
