"""The material: clips, stills, a logo and music, made once, the same on every machine, and kept under ``build``."""

import hashlib
import inspect
import shutil
import sys
import tempfile
import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from benchmarks import plates, shots

BT709 = 1
"""The number of BT.709 as primaries and transfer in ITU-T H.273."""
ENCODER_THREADS = "4"
"""Fixed, for x264's output depends on it."""
SAMPLE_RATE = 48_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How large the material is. ``bit_rate`` of the clips in bits a second; stills are twice as wide as the frame."""

    name: str
    width: int
    height: int
    fps: int
    clip_seconds: float
    bit_rate: int
    clips: int = 5
    stills: int = 10

    @property
    def clip_frames(self) -> int:
        """How many frames a clip has."""
        return round(self.clip_seconds * self.fps)

    def even(self, length_at_1080: float) -> int:
        """Scale a length that is given for 1080 lines, to even pixels (4:2:0 has no others)."""
        return round(length_at_1080 * self.height / 1080 / 2) * 2


FULL = Format(name="full", width=1920, height=1080, fps=30, clip_seconds=8, bit_rate=24_000_000)
QUICK = Format(name="quick", width=640, height=360, fps=30, clip_seconds=2, bit_rate=3_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The files of a format, all in one folder."""

    format: Format
    folder: Path

    @property
    def clips(self) -> tuple[Path, ...]:
        """H.264 clips without sound."""
        return tuple(self.folder / f"clip{index}.mp4" for index in range(self.format.clips))

    @property
    def stills(self) -> tuple[Path, ...]:
        """JPEGs of twice the frame's width and height."""
        return tuple(self.folder / f"still{index}.jpg" for index in range(self.format.stills))

    @property
    def logo(self) -> Path:
        """A PNG with alpha, to be shown pixel for pixel."""
        return self.folder / "logo.png"

    @property
    def music(self) -> Path:
        """A stereo WAV as long as all clips."""
        return self.folder / "music.wav"


def prepare(root: Path, form: Format) -> Material:
    """Return the material of a format under ``root``, made if it is not there or was made by other code."""
    folder = root / f"{form.name}-{_fingerprint(form)}"
    material = Material(format=form, folder=folder)
    if folder.exists():
        return material
    root.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=root, prefix=".making-"))
    try:
        _make(Material(format=form, folder=fresh))
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return material


def write_clip(path: Path, pictures: shots.Shot, form: Format) -> None:
    """Encode BGR pictures as film comes from a camera or an archive: H.264 with B-frames and rare key frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=form.fps)
        stream.width, stream.height, stream.pix_fmt = form.width, form.height, "yuv420p"
        stream.bit_rate = form.bit_rate
        stream.options = {"preset": "medium", "bf": "3", "g": "250", "threads": ENCODER_THREADS}
        context = stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = BT709
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(
                format="yuv420p",
                interpolation=Interpolation.BICUBIC,
                src_color_range=ColorRange.JPEG,
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                dst_color_primaries=BT709,
                dst_color_trc=BT709,
            )
            frame.pts, frame.time_base = number, Fraction(1, form.fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_music(path: Path, seconds: float) -> None:
    """Write a slow stereo progression of chords with a pulse under it."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    roots = np.array([220.0, 174.61, 261.63, 196.0])
    root = roots[(time / 2).astype(int) % len(roots)]
    phase = 2 * np.pi * np.cumsum(root) / SAMPLE_RATE
    swell = 0.6 + 0.4 * np.sin(np.pi * (time % 2) / 2)
    chord = sum(np.sin(phase * ratio) / (1 + index) for index, ratio in enumerate((1, 5 / 4, 3 / 2, 2)))
    pulse = np.exp(-8 * (time % 0.5)) * np.sin(phase / 2)
    left = 0.16 * chord * swell + 0.3 * pulse
    right = 0.16 * np.roll(chord * swell, SAMPLE_RATE // 90) + 0.3 * pulse
    samples = (np.stack([left, right], axis=1).clip(-1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())


def _make(material: Material) -> None:
    form = material.format
    for seed, path in enumerate(material.clips):
        print(f"Making {path.name} …", flush=True)
        write_clip(path, shots.Shot(seed, width=form.width, height=form.height, frames=form.clip_frames), form)
    print("Making stills, logo and music …", flush=True)
    for seed, path in enumerate(material.stills):
        still = plates.photograph(1000 + seed, form.width * 2, form.height * 2)
        cv2.imwrite(str(path), still, [cv2.IMWRITE_JPEG_QUALITY, 92])
    cv2.imwrite(str(material.logo), plates.logo(form.even(200), form.even(100)))
    write_music(material.music, form.clips * form.clip_seconds)


def _fingerprint(form: Format) -> str:
    """Name what the material depends on: its format and the code that makes it."""
    state = hashlib.sha256(repr(form).encode())
    for module in (plates, shots, sys.modules[__name__]):
        state.update(inspect.getsource(module).encode())
    return state.hexdigest()[:8]
