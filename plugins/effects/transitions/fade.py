"""The transitions ``fade`` and ``fade-color``."""

import cv2
import numpy as np

from core.api import Canvas, Color, Moment, Parameter, ParameterType, Plane, Transition, Values, transition_maths
from plugins.effects.transitions.planes import mix, together

_SHARE = transition_maths("fade").laws["share"]
_COLOR_LAWS = transition_maths("fade-color").laws
_LEAVING, _ARRIVING, _OUTLINE = (_COLOR_LAWS[name] for name in ("leaving", "arriving", "outline"))


def fade(before: Canvas, after: Canvas, out: Canvas, progress: float, _values: Values, _moment: Moment) -> None:
    """Mix the frames evenly."""
    mix(before, after, out, _SHARE.at(progress))


def fade_color(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, _moment: Moment) -> None:
    """Fade to a colour, then from it. Where both frames are transparent the colour does not show either."""
    first, second = _LEAVING.at(progress), _ARRIVING.at(progress)
    color = values.color("color")
    if before.is_opaque:
        share = 1 - first - second
        for (source, target), level in zip(_shown(before if first > 0 else after, out), _yuv(color), strict=True):
            cv2.addWeighted(source, 1 - share, source, 0, share * level, target)
        return
    levels = (*_yuv(color), 255.0, 255.0)
    outline = _OUTLINE.at(progress)
    for (start, end, target, step), level in zip(together(before, after, out), levels, strict=True):
        # Premultiplied: the colour fills what the mixed outline holds beyond what the frames still show.
        outlines = (before.a, after.a) if step == 1 else (before.a_uv, after.a_uv)
        room_first, room_second = (1 - outline - first) * level / 255, (outline - second) * level / 255
        seen = cv2.addWeighted(start, first, end, second, 0, dtype=cv2.CV_32F)
        filled = cv2.addWeighted(outlines[0], room_first, outlines[1], room_second, 0, dtype=cv2.CV_32F)
        cv2.add(seen, filled, target, dtype=cv2.CV_8U)


def _shown(shown: Canvas, out: Canvas) -> list[tuple[Plane, Plane]]:
    """Return the planes of the frame that is seen in this half, with their targets."""
    return [(plane, target) for (plane, _), (target, _) in zip(shown.planes(), out.planes(), strict=True)]


def _yuv(color: Color) -> tuple[float, float, float]:
    """Return a colour in BT.709, 8-bit limited range."""
    rgb = np.array([color.r, color.g, color.b]) / 255
    luma = float(rgb @ (0.2126, 0.7152, 0.0722))
    return 16 + 219 * luma, 128 + 224 * float(rgb[2] - luma) / 1.8556, 128 + 224 * float(rgb[0] - luma) / 1.5748


FADE = Transition(
    id="fade",
    title="Fade",
    description="One clip dissolves evenly into the next.",
    mix=fade,
)
FADE_COLOR = Transition(
    id="fade-color",
    title="Fade through colour",
    description="The first clip fades to a colour, and the next one from it.",
    mix=fade_color,
    params=(Parameter(name="color", title="Colour", type=ParameterType.COLOR, default=Color(0, 0, 0)),),
)
