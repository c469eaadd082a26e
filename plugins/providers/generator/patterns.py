"""Patterns: still pictures made of a few lines of maths."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.api import Color, Parameter, ParameterType, Values
from plugins.providers.generator.noise import cloud
from plugins.providers.generator.palettes import Picture

FROM = Parameter(name="from", title="From", type=ParameterType.COLOR, default=Color(16, 20, 24))
TO = Parameter(name="to", title="To", type=ParameterType.COLOR, default=Color(255, 154, 90))
ANGLE = Parameter(name="angle", title="Angle", default=45.0, minimum=-360.0, maximum=360.0, unit="°")
CELLS = Parameter(name="cells", title="Cells across", type=ParameterType.INT, default=16, minimum=1, maximum=400)
RADIUS = Parameter(name="radius", title="Radius", default=0.8, minimum=0.01, maximum=2.0, unit="of the shorter half")
SHAPE = Parameter(
    name="shape", title="Shape", type=ParameterType.CHOICE, default="linear", choices=("linear", "radial")
)
CORNERS = Parameter(name="corners", title="Corners", type=ParameterType.INT, default=5, minimum=3, maximum=64)
SMOOTHING = 2
"""Patterns are drawn this many times larger, then shrunk, so that their edges are smooth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern: ``share`` gives how much of the second colour each point takes, 0 to 1."""

    title: str
    description: str
    share: Callable[[Picture, Picture, Values], Picture]
    params: tuple[Parameter, ...] = (FROM, TO, CELLS)

    def draw(self, values: Values) -> Picture:
        """Draw the pattern in its two colours."""
        width, height = int(values.number("width")), int(values.number("height"))
        scale = SMOOTHING if width * height <= 1920 * 1080 else 1
        across = np.linspace(0, 1, width * scale, endpoint=False, dtype=np.float32)[None, :]
        down = np.linspace(0, height / width, height * scale, endpoint=False, dtype=np.float32)[:, None]
        share = np.broadcast_to(self.share(across, down, values), (height * scale, width * scale))
        share = cv2.resize(np.ascontiguousarray(share), (width, height), interpolation=cv2.INTER_AREA)[..., None]
        return share * _rgb(values.color("to")) + (1 - share) * _rgb(values.color("from"))


def _rgb(color: Color) -> Picture:
    return np.array([color.r, color.g, color.b], np.float32) / 255


def _gradient(across: Picture, down: Picture, values: Values) -> Picture:
    if values.text("shape") == "radial":
        x, y = across - 0.5, down - float(down.max()) / 2
        distance = np.hypot(x, y)
        return distance / max(float(distance.max()), 1e-6)
    angle = np.deg2rad(values.number("angle"))
    run = across * np.cos(angle) + down * np.sin(angle)
    return (run - run.min()) / max(float(np.ptp(run)), 1e-6)


def _stripes(across: Picture, down: Picture, values: Values) -> Picture:
    angle = np.deg2rad(values.number("angle"))
    run = (across * np.cos(angle) + down * np.sin(angle)) * values.number("cells")
    return (run % 1 < 0.5).astype(np.float32)


def _dots(across: Picture, down: Picture, values: Values) -> Picture:
    cells = values.number("cells")
    return (np.hypot(across * cells % 1 - 0.5, down * cells % 1 - 0.5) < 0.28).astype(np.float32)


def _grid(across: Picture, down: Picture, values: Values) -> Picture:
    cells = values.number("cells")
    return ((across * cells % 1 < 0.06) | (down * cells % 1 < 0.06)).astype(np.float32)


def _checker(across: Picture, down: Picture, values: Values) -> Picture:
    cells = values.number("cells")
    return ((np.floor(across * cells) + np.floor(down * cells)) % 2).astype(np.float32)


def _ripples(across: Picture, down: Picture, values: Values) -> Picture:
    cells = values.number("cells")
    bent = down + 0.35 / cells * np.sin(2 * np.pi * across * cells / 3)
    return (bent * cells % 1 < 0.5).astype(np.float32)


def _noise(across: Picture, down: Picture, values: Values) -> Picture:
    random = np.random.default_rng(int(values.number("seed")))
    cells = max(2, int(values.number("cells")))
    field = cloud(random, across.shape[1], down.shape[0], cells=cells)
    return (field - field.min()) / max(float(np.ptp(field)), 1e-6)


def _from_centre(across: Picture, down: Picture) -> tuple[Picture, Picture]:
    """Return the distance from the centre, 1 at the nearer edge, and the angle, 0 upwards."""
    tall = float(down.max())
    x, y = across - 0.5, down - tall / 2
    reach = min(0.5, tall / 2)
    return np.hypot(x, y) / reach, np.arctan2(x, -y)


def _circle(across: Picture, down: Picture, values: Values) -> Picture:
    distance, _ = _from_centre(across, down)
    return (distance < values.number("radius")).astype(np.float32)


def _ring(across: Picture, down: Picture, values: Values) -> Picture:
    distance, _ = _from_centre(across, down)
    radius = values.number("radius")
    return ((distance < radius) & (distance > radius * 0.8)).astype(np.float32)


def _polygon(across: Picture, down: Picture, values: Values) -> Picture:
    distance, angle = _from_centre(across, down)
    half = np.pi / values.number("corners")
    edge = values.number("radius") * np.cos(half) / np.cos(angle % (2 * half) - half)
    return (distance < edge).astype(np.float32)


def _star(across: Picture, down: Picture, values: Values) -> Picture:
    distance, angle = _from_centre(across, down)
    half = np.pi / values.number("corners")
    outer, inner = values.number("radius"), values.number("radius") * 0.45
    # A star's edge is the straight line from a point (angle 0, outer) to a notch (angle half, inner).
    turned = np.abs((angle + half) % (2 * half) - half)
    edge = outer * inner * np.sin(half) / (inner * np.sin(half - turned) + outer * np.sin(turned))
    return (distance < edge).astype(np.float32)


PATTERNS: dict[str, Pattern] = {
    "gradient": Pattern(
        title="Gradient", description="from one colour to another", share=_gradient, params=(FROM, TO, ANGLE, SHAPE)
    ),
    "stripes": Pattern(title="Stripes", description="slanted stripes", share=_stripes, params=(FROM, TO, CELLS, ANGLE)),
    "dots": Pattern(title="Dots", description="round dots in rows", share=_dots),
    "grid": Pattern(title="Grid", description="thin lines crossing", share=_grid),
    "checker": Pattern(title="Checker", description="a chessboard", share=_checker),
    "ripples": Pattern(title="Ripples", description="wavy lines, waves", share=_ripples),
    "circle": Pattern(title="Circle", description="a round shape", share=_circle, params=(FROM, TO, RADIUS)),
    "ring": Pattern(title="Ring", description="a round line, a shape", share=_ring, params=(FROM, TO, RADIUS)),
    "polygon": Pattern(
        title="Polygon", description="an even shape with corners", share=_polygon, params=(FROM, TO, RADIUS, CORNERS)
    ),
    "star": Pattern(title="Star", description="a shape with points", share=_star, params=(FROM, TO, RADIUS, CORNERS)),
    "noise": Pattern(title="Noise", description="soft clouds", share=_noise),
}
