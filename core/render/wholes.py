"""Files made in one go: by encoders with code of their own, which want all frames one after another."""

import tarfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from core.api import EncodeJob
from core.media.audio import RenderedAudio
from core.media.audio.samples import RATE
from core.media.compositor import Compositor
from core.media.encode import open_session
from core.media.layers.opening import Materials
from core.render.mastering import master
from core.render.pictures import Drawing, Tell
from core.render.pipeline import AudioFeed, encode
from core.render.strips import StripTap
from core.render.work import Message, WholeRun, strip_key


def make_whole(run: WholeRun, materials: Materials, folder: Path, tell: Tell) -> Message:
    """Draw, mix and encode a file into ``folder``; one that is a folder of files is packed as a tar archive.

    Tells ``{"frames": n}`` for frames that are done. Returns the notes of its clips and what each span cost.
    """
    encoder = materials.catalogue.encoders[run.plan.output.encoder]
    audio = _mixed(run, materials, folder) if run.has_sound else None
    made = folder / "made"
    job = EncodeJob(
        path=made,
        width=run.plan.width,
        height=run.plan.height,
        fps=run.plan.fps,
        frames=run.end - run.first,
        has_audio=audio is not None,
        values=run.plan.output.values,
        sample_rate=RATE,
    )
    session = open_session(encoder, job, catalogue=materials.catalogue)
    drawing = Drawing(run.plan, Compositor(run.plan, materials), has_alpha=encoder.has_alpha)
    tap = StripTap(run.plan)
    feed = AudioFeed(session, audio.blocks(), RATE) if audio is not None else None
    try:
        frames = drawing.frames(run.first, run.end)
        encode(
            session.write_video,
            _seen(frames, tap, run) if run.has_strip else frames,
            fps=run.plan.fps,
            audio=feed,
            on_encoded=lambda _done: tell({"frames": 1}),
        )
        session.close()
    except BaseException:
        session.abort()
        raise
    finally:
        drawing.close()
    if run.has_strip:
        tap.write(folder / strip_key(run.key))
    if made.is_dir():
        with tarfile.open(folder / run.key, "w") as archive:
            archive.add(made, arcname="")
    else:
        made.rename(folder / run.key)
    return drawing.report()


def _seen(frames: Iterator[av.VideoFrame], tap: StripTap, run: WholeRun) -> Iterator[av.VideoFrame]:
    for number, frame in enumerate(frames):
        tap.look_at(frame, number, run.end - run.first)
        yield frame


def _mixed(run: WholeRun, materials: Materials, folder: Path) -> RenderedAudio:
    scratch = folder / "mixing"
    scratch.mkdir()
    fps = run.plan.fps
    is_part = (run.first, run.end) != (0, run.plan.frames)
    first, end = (run.first / fps, run.end / fps) if is_part else (Fraction(0), None)
    return master(run.plan, materials, scratch=scratch, first=first, end=end).audio
