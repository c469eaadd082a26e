"""The contract suite of encoders."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from core.api.encoders import EncodeJob, Encoder, EncodeSession, Samples
from core.api.parameters import JsonValue
from core.api.testing.contract import defaults, require, trying
from core.api.testing.samples import sample_rgba
from core.api.testing.sessions import open_declared

SIZE = (128, 96)
FPS = Fraction(25)
FRAMES = 10
RATE = 48_000
_PLAYLISTS = (".m3u8", ".mpd")


def check_encoder(
    encoder: Encoder,
    folder: Path,
    *,
    params: Mapping[str, JsonValue] | None = None,
    open_session: Callable[[Encoder, EncodeJob], EncodeSession] | None = None,
) -> None:
    """Check that an encoder keeps its contract; raise ``ContractError`` where it does not.

    With its defaults and with each of its presets, some frames (one for stills) and as much sound are really encoded
    into ``folder``, and what comes out must decode to the same number of frames of the same size, with alpha where
    it ``has_alpha``, and to as much sound. Nothing may be left open after ``abort``. ``open_session`` opens a
    session in the engine's own way; else the encoder's ``open`` is called, or its declared codecs are run plainly.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, preset in {"defaults": {}, **encoder.presets}.items():
        path = folder / f"{name}.{encoder.extension.removeprefix('.')}"
        what = f"{encoder.id} with {name}"
        job = _job(encoder, path, {**preset, **(params or {})})
        with trying(what):
            session = _open(encoder, job, open_session)
            _write(session, encoder, job)
            session.close()
        with trying(f"{what}: reading what was written"):
            _check_file(encoder, job, what)
    aborted = folder / f"aborted.{encoder.extension.removeprefix('.')}"
    with trying(f"{encoder.id}, aborted,"):
        session = _open(encoder, _job(encoder, aborted, params or {}), open_session)
        session.abort()


def _job(encoder: Encoder, path: Path, given: Mapping[str, JsonValue]) -> EncodeJob:
    draws = _draws(encoder)
    return EncodeJob(
        path=path,
        width=SIZE[0],
        height=SIZE[1],
        fps=FPS if draws else None,
        frames=(1 if encoder.is_still else FRAMES) if draws else 0,
        has_audio=encoder.audio is not None,
        values=defaults(encoder.params, given),
        sample_rate=RATE,
    )


def _draws(encoder: Encoder) -> bool:
    """Tell whether frames are written: an encoder that names no codec at all opens itself, for pictures."""
    return encoder.video is not None or encoder.audio is None


def _open(
    encoder: Encoder, job: EncodeJob, open_session: Callable[[Encoder, EncodeJob], EncodeSession] | None
) -> EncodeSession:
    if open_session is not None:
        return open_session(encoder, job)
    return encoder.open(job) if encoder.open is not None else open_declared(encoder, job)


def _write(session: EncodeSession, encoder: Encoder, job: EncodeJob) -> None:
    for number in range(job.frames):
        session.write_video(_frame(encoder, number))
    if job.has_audio:
        samples = _tone()
        for start in range(0, len(samples), 1000):
            session.write_audio(samples[start : start + 1000])


def _frame(encoder: Encoder, number: int) -> av.VideoFrame:
    picture = np.roll(sample_rgba(*SIZE), number * 4, axis=1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgba")
    if not encoder.has_alpha:
        frame = frame.reformat(format="yuv420p", dst_colorspace="itu709")
        frame.color_primaries = frame.color_trc = 1
    frame.pts, frame.time_base = number, 1 / FPS
    return frame


def _tone() -> Samples:
    at = np.arange(FRAMES * RATE // FPS) / RATE
    wave = (0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    return np.column_stack((wave, wave))


def _check_file(encoder: Encoder, job: EncodeJob, what: str) -> None:
    path = _entry(job.path)
    require(path is not None, f"{what} wrote nothing that can be read at {job.path.name}")
    if job.frames:
        with av.open(str(path)) as container:
            require(bool(container.streams.video), f"{what} wrote a file without pictures")
            pictures = [frame.to_ndarray(format="rgba") for frame in container.decode(video=0)]
        require(len(pictures) == job.frames, f"{what} wrote {len(pictures)} frames instead of {job.frames}")
        for picture in pictures:
            size = (picture.shape[1], picture.shape[0])
            require(size == SIZE, f"{what} wrote frames of {size[0]}x{size[1]} instead of {SIZE[0]}x{SIZE[1]}")
        if encoder.has_alpha:
            lowest = min(int(picture[:, :, 3].min()) for picture in pictures)
            require(lowest < 128, f"{what} has_alpha, and what it wrote is opaque")
    if job.has_audio:
        _check_sound(path, what)


def _check_sound(path: Path | None, what: str) -> None:
    with av.open(str(path)) as container:
        require(bool(container.streams.audio), f"{what} wrote a file without sound")
        rate, count = 0, 0
        for frame in container.decode(audio=0):
            rate, count = frame.sample_rate, count + frame.samples
    seconds, wanted = count / max(rate, 1), float(FRAMES / FPS)
    # Lossy codecs pad to whole packets at both ends.
    require(abs(seconds - wanted) < 0.15, f"{what} wrote {seconds:.3f} s of sound instead of {wanted:.3f} s")


def _entry(path: Path) -> Path | None:
    """Return the file that a player is given: the path itself, or the topmost playlist of a folder."""
    if path.is_file():
        return path
    playlists = sorted(
        (each for each in path.rglob("*") if each.suffix in _PLAYLISTS),
        key=lambda each: (len(each.parts), b"EXT-X-STREAM-INF" not in each.read_bytes()),
    )
    return playlists[0] if playlists else None
