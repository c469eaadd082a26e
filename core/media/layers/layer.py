"""What every layer offers to the compositor."""

from typing import Protocol

from core.media.patch import Patch


class LayerView(Protocol):
    """A clip opened for drawing. Frames are asked for in rising order, mostly; one owner, one thread."""

    notes: tuple[str, ...]
    """What the clip's author should know: a font that is missing, a letter that no font has."""

    def patch(self, frame: int) -> Patch | None:
        """Return what the layer shows at an output frame, or None where it shows nothing.

        The patch is shared: nobody may write into it.
        """

    def close(self) -> None:
        """Release decoders and pictures."""


def patch_bytes(patch: Patch | None) -> int:
    """Return how much memory a patch holds."""
    return sum(plane.nbytes for plane, _ in patch.picture.planes()) if patch else 0


def even(length: float) -> int:
    """Return the nearest even whole number of pixels, at least 2."""
    return max(2, round(length / 2) * 2)
