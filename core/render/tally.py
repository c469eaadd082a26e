"""The tally: what a render has done so far, and what that cost."""

import threading

from core.render.events import Outcome
from core.render.progress import Progress
from core.render.report import SegmentReport, SpanReport, WorkReport


class Tally:
    """Counts segments, and adds up what workers report. For any thread.

    ``cpu_seconds`` are those of all workers together, ``peak_memory`` the bytes of the largest one; ``segments`` and
    ``spans`` are in the order in which they were done.
    """

    def __init__(self, progress: Progress) -> None:
        """``progress`` is told of each segment."""
        self._progress = progress
        self._lock = threading.Lock()
        self._notes: dict[str, None] = {}
        self.cpu_seconds = 0.0
        self.peak_memory = 0
        self.segments: list[SegmentReport] = []
        self.spans: list[SpanReport] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What clips had to say, each once."""
        return tuple(self._notes)

    def segment_done(self, first: int, end: int, key: str, outcome: Outcome) -> None:
        """Count a segment: frames ``[first, end)``."""
        with self._lock:
            self.segments.append(SegmentReport(first=first, end=end, key=key, outcome=outcome))
        self._progress.segment_done(first, end, outcome)

    def note(self, done: WorkReport) -> None:
        """Add up what a worker reports of its work."""
        with self._lock:
            self.cpu_seconds += done.cpu_seconds
            self.peak_memory = max(self.peak_memory, done.peak_memory)
            self._notes |= dict.fromkeys(done.notes)
            self.spans += done.spans
