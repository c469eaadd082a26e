"""A render from a plan to its files. Called by the command line and, later, by the job runner."""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from core.api import FetchedAsset, InvalidInput, PluginFailed, ReelhouseError, RenderFinished
from core.host.host import PluginHost
from core.media.audio import RenderedAudio
from core.media.layers.opening import Materials
from core.render.bundle import write_rights, write_waveform
from core.render.events import Finished, Planned, RenderEvent, Stage, StageStarted
from core.render.mastering import master
from core.render.passes import RenderPass
from core.render.progress import Progress
from core.render.report import RenderReport
from core.timeline.plan import Plan, frame_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """What is rendered and where to. ``part`` cuts the seconds ``[a, b)`` out of the whole."""

    plan: Plan
    output: Path
    materials: Materials
    assets: Mapping[str, FetchedAsset] = field(default_factory=dict)
    part: tuple[Fraction, Fraction] | None = None


def render_and_tell(job: RenderJob, host: PluginHost, on_event: Callable[[RenderEvent], None]) -> RenderReport:
    """Render, and let plugins know how it went; a plugin's fault is recorded as its own. Raise what ``render`` does."""
    started = time.perf_counter()

    def tell(frames: int, error: str | None) -> None:
        seconds = time.perf_counter() - started
        host.emit(
            RenderFinished(name=job.plan.name, output=str(job.output), frames=frames, seconds=seconds, error=error)
        )

    try:
        report = render(job, on_event)
    except ReelhouseError as err:
        if isinstance(err, PluginFailed):
            host.record(err)
        tell(0, str(err))
        raise
    tell(report.frames, None)
    return report


def render(job: RenderJob, on_event: Callable[[RenderEvent], None]) -> RenderReport:
    """Render a plan and its renditions, and write all that lies beside them.

    Raise ``MediaError`` when a source or the output fails, ``PluginFailed`` when a plugin does, ``InvalidInput`` when
    the part lies outside the video. A file under the output's name is always whole: it appears when it is finished.
    """
    started, cpu_started = time.perf_counter(), time.process_time()
    _make_folder(job.output.parent)
    with tempfile.TemporaryDirectory(prefix="reelhouse-") as scratch:
        audio = _mix(job, Path(scratch), on_event)
        passes = [_render_pass(job, plan, output) for plan, output in outputs(job.plan, job.output)]
        on_event(Planned(frames=sum(each.frames for each in passes), spans=sum(each.spans for each in passes)))
        progress = Progress([each.span_ends for each in passes], on_event)
        files = [path for each in passes for path in each.run(audio, progress)]
        on_event(StageStarted(stage=Stage.FINISH))
        stem = job.output.with_suffix("")
        files += write_rights(job.assets, stem)
        if audio is not None and job.plan.output.waveform:
            files += write_waveform(audio, stem)
    report = RenderReport(
        name=job.plan.name,
        output=str(job.output),
        files=tuple(str(path) for path in files),
        encoder=job.plan.output.encoder,
        width=job.plan.width,
        height=job.plan.height,
        fps=str(job.plan.fps),
        frames=passes[0].frames,
        duration=float(passes[0].frames / job.plan.fps),
        seconds=time.perf_counter() - started,
        cpu_seconds=time.process_time() - cpu_started,
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        loudness=audio.after.integrated if audio else None,
        true_peak=audio.after.true_peak if audio else None,
        spans=tuple(span for each in passes for span in each.reports),
        notes=(*(f"{note.path}: {note.text}" for note in (audio.notes if audio else ())), *passes[0].notes),
    )
    on_event(Finished(output=str(job.output), frames=report.frames, seconds=report.seconds))
    return report


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise InvalidInput(f"{folder}: can't be made: {err.strerror or err}", path="--output") from err


def outputs(plan: Plan, output: Path) -> Iterator[tuple[Plan, Path]]:
    """Pair the plan and each of its renditions with the file it is written to."""
    yield plan, output
    taken = {output}
    for rendition in plan.renditions:
        name = f"{output.stem}-{rendition.width}x{rendition.height}{rendition.output.extension}"
        path = output.with_name(name)
        if path in taken:
            path = output.with_name(f"{path.stem}-{rendition.output.encoder}{path.suffix}")
        taken.add(path)
        yield rendition, path


def _render_pass(job: RenderJob, plan: Plan, output: Path) -> RenderPass:
    first, end = 0, plan.frames
    if job.part is not None:
        first, end = frame_at(job.part[0], plan.fps), min(frame_at(job.part[1], plan.fps), plan.frames)
    if first >= end:
        raise InvalidInput(f"the part is empty: the video is {float(plan.duration):g} s long")
    return RenderPass(plan, output, job.materials, first=first, end=end)


def _mix(job: RenderJob, scratch: Path, on_event: Callable[[RenderEvent], None]) -> RenderedAudio | None:
    if not job.plan.audio.clips:
        return None
    on_event(StageStarted(stage=Stage.AUDIO))
    first, end = job.part or (Fraction(0), None)
    return master(job.plan, job.materials, scratch=scratch, first=first, end=end)
