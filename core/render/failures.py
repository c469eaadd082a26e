"""Failures of a worker: which part of a video it was at, and what can be shown of it."""

from pathlib import Path

from core.cage import CageEnd
from core.render.report import clips_of
from core.render.segments import spans_between
from core.render.work import Cut, PictureRun


class SegmentFailed(CageEnd):
    """A segment could not be made, however often it was tried. ``clips`` are those that are seen in it.

    ``log`` is the tail of what the worker printed, ``last_frame`` a picture (JPEG) of the last frame before the
    segment, where there is one.
    """

    code = "segment_failed"
    status = 422

    def __init__(self, message: str, *, clips: tuple[str, ...], log: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint, log=log)
        self.clips = clips
        self.last_frame: Path | None = None


def failure_in(run: PictureRun, cut: Cut, end: CageEnd, tries: int) -> SegmentFailed:
    """Say in which clips a worker came to its end."""
    spans = spans_between(run.plan, cut.first, cut.end)
    clips = tuple(dict.fromkeys(name for span in spans for name in clips_of(run.plan.layers, span)))
    start, stop = (float(frame / run.plan.fps) for frame in (cut.first, cut.end))
    where = ", ".join(clips) or "the background"
    return SegmentFailed(
        f"{where}: seconds {start:.2f} to {stop:.2f} could not be rendered in {tries} tries: {end}",
        clips=clips,
        hint=end.hint,
        log=end.log,
    )
