"""Crowding: how much a timeline may hold, and how much of it at once, so that none asks for more than a machine has."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from core.timeline.complaints import Complaint
from core.timeline.plan import AudioMix, Layer

MAX_LAYERS = 20_000
MAX_SEEN = 200
MAX_HEARD = 200


def crowding(layers: Sequence[Layer], audio: AudioMix, fps: Fraction, path: str) -> Iterator[Complaint]:
    """Yield complaints about too many layers in all, or too many layers or sounds at one time."""
    if len(layers) > MAX_LAYERS:
        message = f"there are more than {MAX_LAYERS} clips and burned captions"
        yield Complaint(path=f"{path}tracks", message=message, code="too_many")
    for most, what, stretches in (
        (MAX_SEEN, "seen", [(layer.first / fps, layer.end / fps) for layer in layers]),
        (MAX_HEARD, "heard", [(clip.start, clip.start + clip.duration) for clip in audio.clips]),
    ):
        crowded = _crowded(stretches, most)
        if crowded is not None:
            message = f"more than {most} clips are {what} at once at {float(crowded):g} s"
            yield Complaint(path=f"{path}tracks", message=message, code="too_many")


def _crowded(stretches: Iterable[tuple[Fraction, Fraction]], most: int) -> Fraction | None:
    """Return the first time at which more than ``most`` of the stretches run."""
    running = 0
    for time, change in sorted(edge for start, end in stretches for edge in ((start, 1), (end, -1))):
        running += change
        if running > most:
            return time
    return None
