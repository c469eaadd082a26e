"""The progress of a render in the terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from core.render.events import Finished, Planned, Progressed, RenderEvent, Stage, StageStarted

STAGES = {
    Stage.GATHER: "Gathering",
    Stage.AUDIO: "Mixing sound",
    Stage.VIDEO: "Rendering",
    Stage.ASSEMBLE: "Assembling",
    Stage.FINISH: "Finishing",
}
DETAIL_WIDTH = 48


class RenderDisplay:
    """Shows render events as a bar with the segment, the speed and the time left."""

    def __init__(self, console: Console, *, is_quiet: bool = False) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            console=console,
            transient=True,
            disable=is_quiet,
        )
        self._task = self._progress.add_task("Reading", total=None, detail="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: RenderEvent) -> None:
        """Draw what an event tells."""
        match event:
            case StageStarted(stage=stage, detail=detail):
                short = detail if len(detail) <= DETAIL_WIDTH else f"{detail[: DETAIL_WIDTH - 1]}…"
                self._progress.update(self._task, description=STAGES[stage], detail=Text(short))
            case Planned(frames=frames):
                self._progress.update(self._task, description="Rendering", total=frames or None, completed=0, detail="")
            case Progressed():
                self._progress.update(self._task, completed=event.done, detail=Text(progress_line(event)))
            case Finished():
                self._progress.update(self._task, visible=False)


def progress_line(event: Progressed) -> str:
    """Say where a render stands: the segment, frames per second, time left; nothing of a sound, which has no frames."""
    if not event.segments:
        return ""
    left = "" if event.left is None else f" · {clock(event.left)} left"
    return f"segment {min(event.segments_done + 1, event.segments)}/{event.segments} · {event.fps:.0f} fps{left}"


def clock(seconds: float) -> str:
    """Write a length of time as ``m:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
