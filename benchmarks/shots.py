"""Moving pictures that cost what film costs: a camera that pans, zooms and shakes, things that move, and grain."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.plates import Picture, foliage, landscape, subject

GRAIN = 2.0
"""Standard deviation of the grain, in 8-bit steps: a digital camera's in daylight."""
GRAIN_PLATES = 8
GRAIN_MARGIN = 64
SUBJECTS = 3
PLATE_SIZE = 1.7
"""How much larger than the frame the picture is that the camera moves over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMove:
    """How a camera moves: ``pan``, ``tilt`` (over the whole shot) and ``shake`` in frame widths; ``zoom`` a factor."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0
    shake: float = 0.0


MOVES = (
    CameraMove(pan=0.28, shake=0.001),
    CameraMove(zoom=1.3, shake=0.001),
    CameraMove(pan=-0.1, shake=0.008),
    CameraMove(),
    CameraMove(pan=-0.3, tilt=0.06, zoom=0.9, shake=0.002),
)
"""The moves of the shots, in turn: a pan, a push in, a camera in the hand, one on a tripod, a sweep."""


class Shot:
    """One shot of ``frames`` pictures of ``width``×``height``; the same for the same seed."""

    def __init__(self, seed: int, *, width: int, height: int, frames: int) -> None:
        self._rng = np.random.default_rng((seed, 7))
        self._move = MOVES[seed % len(MOVES)]
        self._width, self._height, self._frames = width, height, frames
        wide, high = int(width * PLATE_SIZE), int(height * PLATE_SIZE)
        self._back = landscape(seed, wide, high)
        self._front = foliage(seed + 100, wide, high)
        self._subjects = [subject(seed * 10 + index, height // (4 + index)) for index in range(SUBJECTS)]
        self._grain = [self._grain_plate() for _ in range(GRAIN_PLATES)]
        self._phase = float(self._rng.uniform(0, 2 * pi))

    def __iter__(self) -> Iterator[Picture]:
        """Draw the frames as BGR; each is the caller's own."""
        for number in range(self._frames):
            yield self._frame(number)

    def _frame(self, number: int) -> Picture:
        time = number / max(1, self._frames - 1)
        frame = self._seen(self._back, time, nearness=1.0)
        for index, body in enumerate(self._subjects):
            self._add_subject(frame, body, index, time)
        _lay_over(frame, self._seen(self._front, time, nearness=1.6))
        self._add_grain(frame)
        return frame

    def _seen(self, plate: Picture, time: float, *, nearness: float) -> Picture:
        """Look at a plate through the camera."""
        view, size = self._view(time, nearness=nearness), (self._width, self._height)
        return np.asarray(cv2.warpAffine(plate, view, size, borderMode=cv2.BORDER_REFLECT), np.uint8)

    def _view(self, time: float, *, nearness: float) -> NDArray[np.float32]:
        """Return the map from plate to frame; what is nearer moves farther."""
        move = self._move
        shake_x = move.shake * (sin(31 * time + self._phase) + 0.6 * sin(73 * time + 2 * self._phase))
        shake_y = move.shake * (cos(37 * time + self._phase) + 0.6 * sin(89 * time + self._phase))
        scale = 1.0 + (move.zoom - 1.0) * time
        centre_x = self._width * (PLATE_SIZE / 2 + (move.pan * (time - 0.5) + shake_x) * nearness)
        centre_y = self._height * PLATE_SIZE / 2 + self._width * (move.tilt * (time - 0.5) + shake_y) * nearness
        roll = 0.6 * move.shake * sin(23 * time + self._phase)
        a, b = scale * cos(roll), scale * sin(roll)
        return np.array(
            [
                [a, -b, self._width / 2 - a * centre_x + b * centre_y],
                [b, a, self._height / 2 - b * centre_x - a * centre_y],
            ],
            np.float32,
        )

    def _add_subject(self, frame: Picture, body: Picture, index: int, time: float) -> None:
        """Let a body cross the frame, bobbing and turning, at its sub-pixel place."""
        size = body.shape[0]
        x = self._width * ((0.15 + 0.3 * index + (0.7 - 0.25 * index) * time) % 1.0) - size / 2
        y = self._height * (0.62 + 0.05 * index + 0.06 * abs(sin((9 + 4 * index) * time + self._phase))) - size / 2
        left, top = max(0, int(x)), max(0, int(y))
        right, bottom = min(self._width, int(x) + size + 2), min(self._height, int(y) + size + 2)
        if right <= left or bottom <= top:
            return
        turn = cv2.getRotationMatrix2D((size / 2, size / 2), 240 * time * (-1) ** index, 1.0)
        turn[:, 2] += (x - left, y - top)
        _lay_over(frame[top:bottom, left:right], cv2.warpAffine(body, turn, (right - left, bottom - top)))

    def _grain_plate(self) -> Picture:
        shape = (self._height + GRAIN_MARGIN, self._width + GRAIN_MARGIN)
        grain = self._rng.normal(128, GRAIN, shape).round().clip(0, 255).astype(np.uint8)
        return np.dstack([grain] * 3)

    def _add_grain(self, frame: Picture) -> None:
        plate = self._grain[int(self._rng.integers(GRAIN_PLATES))]
        x, y = (int(offset) for offset in self._rng.integers(GRAIN_MARGIN, size=2))
        cv2.addWeighted(frame, 1, plate[y : y + self._height, x : x + self._width], 1, -128, dst=frame)


def _lay_over(frame: Picture, layer: Picture) -> None:
    """Lay a premultiplied BGRA layer over a BGR frame of the same size."""
    clear = cv2.merge([255 - layer[..., 3]] * 3)
    cv2.multiply(frame, clear, dst=frame, scale=1 / 255)
    cv2.add(frame, np.ascontiguousarray(layer[..., :3]), dst=frame)
