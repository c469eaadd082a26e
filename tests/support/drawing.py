"""Drawing single effects and transitions as the compositor does, for tests."""

from collections.abc import Mapping
from fractions import Fraction

import cv2
import numpy as np

from core.api import Canvas, Color, Effect, JsonValue, Moment, Planes, Rgb, Rgba, Transition, parse_values
from core.media.frames import Converter
from core.media.kernels import EffectChain
from core.timeline.plan import EffectUse

FPS = Fraction(30)


def effect_use(effect: Effect, params: Mapping[str, JsonValue], *, first: int = 0, end: int = 30) -> EffectUse:
    """Name an effect with parameters; fail on wrong ones."""
    values, complaints = parse_values(effect.params, params)
    assert not complaints, complaints
    return EffectUse(id=effect.id, params=values.values, first=first, end=end)


def draw_effect(
    effect: Effect,
    planes: Planes,
    params: Mapping[str, JsonValue] | None = None,
    *,
    frame: int = 0,
    frames: int = 30,
    frame_height: int | None = None,
    seed: int = 5,
) -> Planes:
    """Draw one effect on a layer that fills the frame (or lies on one of another height)."""
    chain = EffectChain(
        [effect_use(effect, params or {}, end=frames)],
        {effect.id: effect},
        fps=FPS,
        frame_width=planes.width,
        frame_height=frame_height or planes.height,
        seed=seed,
        duration_frames=frames,
    )
    try:
        return chain.apply(planes, frame)
    finally:
        chain.close()


def mix_canvases(
    transition: Transition,
    before: Canvas,
    after: Canvas,
    progress: float,
    params: Mapping[str, JsonValue] | None = None,
    *,
    seed: int = 5,
) -> Canvas:
    """Mix two frames into a new one whose former content is noise, its rows padded."""
    values, complaints = parse_values(transition.params, params or {})
    assert not complaints, complaints
    out = Canvas(*(_noise(plane.shape) for plane, _ in before.planes()))
    moment = Moment(
        frame=3,
        time=Fraction(7, 60),
        duration=Fraction(1, 2),
        frame_width=before.width,
        frame_height=before.height,
        seed=seed,
    )
    transition.mix(before, after, out, progress, values, moment)
    return out


def to_planes(picture: Rgb | Rgba) -> Planes:
    """Convert a picture, straight alpha."""
    converter = Converter()
    return converter.rgba_to_planes(picture) if picture.shape[2] == 4 else converter.to_planes(picture)


def to_canvas(picture: Rgb | Rgba) -> Canvas:
    """Convert a picture, premultiplied where it has alpha; read-only."""
    planes = to_planes(picture)
    if planes.a is None:
        canvas = Canvas(planes.y, planes.u, planes.v)
    else:
        small = cv2.resize(planes.a, (planes.width // 2, planes.height // 2), interpolation=cv2.INTER_AREA)
        parts = ((planes.y, planes.a), (planes.u, small), (planes.v, small))
        canvas = Canvas(*(cv2.multiply(plane, alpha, scale=1 / 255) for plane, alpha in parts), planes.a, small)
    for plane, _ in canvas.planes():
        plane.flags.writeable = False
    return canvas


def over_color(planes: Planes, color: Color) -> Rgb:
    """Show planes over a colour, as RGB."""
    rgb = Converter().to_rgb(planes).astype(np.float64)
    if planes.a is None:
        return rgb.astype(np.uint8)
    share = planes.a[:, :, None] / 255
    return np.rint(rgb * share + np.array((color.r, color.g, color.b)) * (1 - share)).astype(np.uint8)


def largest_difference(first: Planes | Canvas, second: Planes | Canvas) -> int:
    """Return the largest difference between two pictures' planes, in levels."""
    names = ("y", "u", "v", "a")
    pairs = [(getattr(first, name), getattr(second, name)) for name in names]
    assert all((one is None) == (other is None) for one, other in pairs), "one has alpha, the other has not"
    return max(int(np.abs(one.astype(int) - other).max()) for one, other in pairs if one is not None)


def _noise(shape: tuple[int, ...]) -> np.ndarray:
    padded = np.random.default_rng(1).integers(0, 256, (shape[0], shape[1] + 16), dtype=np.uint8)
    return padded[:, : shape[1]]
