"""A render from a plan to its files. Called by the command line and, later, by the job runner."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from core.api import FetchedAsset, InvalidInput, PluginFailed, ReelhouseError, RenderFinished
from core.host.plugins import Plugins
from core.media.encode import write_sidecars
from core.media.layers.opening import Materials
from core.render.bundle import write_rights
from core.render.events import Finished, RenderEvent, Stage, StageStarted
from core.render.indexing import Indexer
from core.render.ingredients import Ingredients
from core.render.making import Making
from core.render.publishing import publish
from core.render.report import RenderReport
from core.render.schedule import Scheduler
from core.render.workshop import Workshop
from core.timeline.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """What is rendered and where to. ``part`` cuts the seconds ``[a, b)`` out of the whole."""

    plan: Plan
    output: Path
    materials: Materials
    assets: Mapping[str, FetchedAsset] = field(default_factory=dict)
    part: tuple[Fraction, Fraction] | None = None


def render_and_tell(
    job: RenderJob,
    workshop: Workshop,
    host: Plugins,
    on_event: Callable[[RenderEvent], None],
    *,
    cancelled: threading.Event | None = None,
) -> RenderReport:
    """Render, and let plugins know how it went; a plugin's fault is recorded as its own. Raise what ``render`` does."""
    started = time.perf_counter()

    def tell(frames: int, error: str | None) -> None:
        seconds = time.perf_counter() - started
        host.emit(
            RenderFinished(name=job.plan.name, output=str(job.output), frames=frames, seconds=seconds, error=error)
        )

    try:
        report = render(job, workshop, on_event, cancelled=cancelled)
    except ReelhouseError as err:
        if isinstance(err, PluginFailed):
            host.record(err)
        tell(0, str(err))
        raise
    tell(report.frames, None)
    return report


def render(
    job: RenderJob,
    workshop: Workshop,
    on_event: Callable[[RenderEvent], None],
    *,
    cancelled: threading.Event | None = None,
) -> RenderReport:
    """Render a plan and its renditions, and write all that lies beside them.

    What the ledger holds is not made again. Raise ``MediaError`` when a source or the output fails, ``PluginFailed``
    when a plugin does, ``InvalidInput`` when the part lies outside the video, ``Cancelled`` soon after ``cancelled``
    is set. A file under the output's name is always whole: it appears when it is finished.
    """
    started = time.perf_counter()
    plan = job.plan
    _make_folder(job.output.parent)
    cancelled = cancelled or threading.Event()
    indexer = Indexer(workshop.station, job.materials.media, cancelled=cancelled)
    scheduler = Scheduler(job.materials)
    schedule = scheduler.schedule(plan, job.output, job.part, indexer.indexes)
    with Making(scheduler, schedule, Ingredients.of(job.materials), workshop, on_event, cancelled) as making:
        made = making.make()
        on_event(StageStarted(stage=Stage.FINISH))
        files = [publish(each, path) for each, path in made]
        sound, tally = making.sound, making.tally
    first, end = schedule.bounds(schedule.deliverables[0])
    frames = 0 if schedule.deliverables[0].is_sound else end - first
    stem = job.output.with_suffix("")
    files += [*write_sidecars(schedule.captions, stem), *write_rights(job.assets, stem)]
    report = RenderReport(
        name=plan.name,
        output=str(job.output),
        files=tuple(str(path) for path in files),
        encoder=plan.output.encoder,
        width=plan.width,
        height=plan.height,
        fps=str(plan.fps),
        frames=frames,
        copied=schedule.copied,
        duration=float(frames / plan.fps),
        seconds=time.perf_counter() - started,
        cpu_seconds=tally.cpu_seconds,
        peak_memory=tally.peak_memory,
        loudness=sound.loudness,
        true_peak=sound.true_peak,
        segments=tuple(sorted(tally.segments, key=lambda each: each.first)),
        spans=tuple(sorted(tally.spans, key=lambda each: each.first)),
        notes=(*sound.notes, *tally.notes),
    )
    on_event(Finished(output=str(job.output), frames=report.frames, seconds=report.seconds))
    return report


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise InvalidInput(f"{folder}: can't be made: {err.strerror or err}", path="--output") from err
