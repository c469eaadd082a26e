"""Fitting: which part of a source is seen, and where in the clip's box it lies."""

from dataclasses import dataclass

from core.contract.placement import fit_rectangle
from core.timeline.plan import Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """The visible part of a source and where it lies in the clip's box.

    ``crop`` is x, y, width, height in source pixels; the rest is in output pixels at scale 1, from the box's top left.
    """

    crop: tuple[float, float, float, float]
    x: float
    y: float
    width: float
    height: float


def fit(placement: Placement, source: tuple[int, int], box: tuple[float, float]) -> Fitting:
    """Crop a source of this size as the placement says, fit it into the box, and cut off what the box hides."""
    crop, (width, height) = placement.crop, source
    left, top = crop.left * width, crop.top * height
    cropped = (width - left - crop.right * width, height - top - crop.bottom * height)
    scale = float(placement.pixel_scale)
    x, y, fitted_width, fitted_height = fit_rectangle(placement.fit, cropped[0] * scale, cropped[1] * scale, *box)
    seen_left, seen_top = max(0.0, x), max(0.0, y)
    seen_right, seen_bottom = min(box[0], x + fitted_width), min(box[1], y + fitted_height)
    across, down = cropped[0] / fitted_width, cropped[1] / fitted_height
    return Fitting(
        crop=(
            left + (seen_left - x) * across,
            top + (seen_top - y) * down,
            (seen_right - seen_left) * across,
            (seen_bottom - seen_top) * down,
        ),
        x=seen_left,
        y=seen_top,
        width=seen_right - seen_left,
        height=seen_bottom - seen_top,
    )
