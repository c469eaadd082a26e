"""Placement: how a picture is fitted into its box, and the box into the frame. Pure; both renderers follow this."""

from math import cos, radians, sin


def fit_rectangle(
    fit: str, source_width: float, source_height: float, box_width: float, box_height: float
) -> tuple[float, float, float, float]:
    """Return where a source lies relative to its box's top left: x, y, width, height in output pixels.

    ``cover`` fills the box and reaches beyond it (the caller cuts that off), ``contain`` lies inside it, ``stretch``
    takes its size, ``none`` keeps the source's own pixels. All but ``stretch`` keep the aspect and lie centred.
    """
    if fit == "stretch":
        return 0.0, 0.0, box_width, box_height
    across, down = box_width / source_width, box_height / source_height
    scale = {"cover": max(across, down), "contain": min(across, down), "none": 1.0}[fit]
    width, height = source_width * scale, source_height * scale
    return (box_width - width) / 2, (box_height - height) / 2, width, height


def box_transform(
    width: float, height: float, *, x: float, y: float, anchor: tuple[float, float], scale: float, rotate: float
) -> tuple[float, float, float, float, float, float]:
    """Return the affine transform from a box to the frame, in pixels.

    The box is centred on (x, y), then scaled and turned (degrees clockwise) about its anchor (fractions of the box).
    The six numbers ``(a, b, c, d, e, f)`` are those of CSS and Canvas2D: a point (px, py) of the box goes to
    (a·px + c·py + e, b·px + d·py + f).
    """
    angle = radians(rotate)
    a, b = scale * cos(angle), scale * sin(angle)
    pivot_x, pivot_y = width * anchor[0], height * anchor[1]
    return (
        a,
        b,
        -b,
        a,
        x - width / 2 + pivot_x - a * pivot_x + b * pivot_y,
        y - height / 2 + pivot_y - b * pivot_x - a * pivot_y,
    )
