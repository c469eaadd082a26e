"""The effect ``motion.kenburns``: a slow zoom and pan, drawn anew at sub-pixel places for each frame.

It works on the clip's picture as it lies in its box. Where a zoom goes deep into a large still, animate the clip's
own ``scale``, ``x`` and ``y`` instead: those draw from the still's full resolution.
"""

import cv2
import numpy as np

from core.api import Cost, Effect, Moment, Parameter, ParameterType, Plane, Planes, Values, YuvKernel
from plugins.effects.motion.window import EASES, Window


def ken_burns(planes: Planes, values: Values, moment: Moment) -> Planes:
    """Draw the window of this moment over the whole picture."""
    start = Window.inside(values.point("focus_from"), values.number("zoom_from"))
    end = Window.inside(values.point("focus_to"), values.number("zoom_to"))
    progress = EASES[values.text("ease")](float(moment.time / moment.duration))
    window = start.toward(end, progress)
    if window.zoom == 1:
        return planes
    # Chroma is four times fewer pixels and blurred already: linear serves it as well as cubic.
    alpha = None if planes.a is None else _drawn(planes.a, window, cv2.INTER_LINEAR)
    return Planes(
        _drawn(planes.y, window, cv2.INTER_CUBIC),
        _drawn(planes.u, window, cv2.INTER_LINEAR),
        _drawn(planes.v, window, cv2.INTER_LINEAR),
        alpha,
    )


def _drawn(plane: Plane, window: Window, interpolation: int) -> Plane:
    """Enlarge the window over a plane of any subsampling: places are fractions of it, pixels counted at centres."""
    height, width = plane.shape
    scale = 1 / window.zoom
    to_source = np.array(
        [
            [scale, 0, window.x * width - 0.5 + scale * (0.5 - width / 2)],
            [0, scale, window.y * height - 0.5 + scale * (0.5 - height / 2)],
        ]
    )
    flags = interpolation | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, to_source, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _zoom(name: str, title: str, default: float) -> Parameter:
    return Parameter(
        name=name,
        title=title,
        default=default,
        minimum=1,
        maximum=8,
        step=0.01,
        widget="slider",
        group="Zoom",
        help="1 shows the whole picture, 2 a half of its width.",
    )


def _focus(name: str, title: str) -> Parameter:
    return Parameter(
        name=name,
        title=title,
        type=ParameterType.POINT,
        default=(0.5, 0.5),
        minimum=0,
        maximum=1,
        group="Focus",
        help="The middle of what is seen, as fractions of the clip's picture; it gives way at the edges.",
    )


KEN_BURNS = Effect(
    id="motion.kenburns",
    title="Ken Burns",
    description="Zooms and pans slowly and smoothly across the picture.",
    kernel=YuvKernel(ken_burns),
    params=(
        _zoom("zoom_from", "Zoom from", 1.0),
        _zoom("zoom_to", "Zoom to", 1.2),
        _focus("focus_from", "Focus from"),
        _focus("focus_to", "Focus to"),
        Parameter(
            name="ease",
            title="Ease",
            type=ParameterType.CHOICE,
            default="linear",
            choices=tuple(EASES),
        ),
    ),
    varies=True,
    cost=Cost.MEDIUM,
)
