"""Seeds: a small file of every kind that is read from strangers, made by our own encoders when a test needs it."""

import shutil
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from core.media.text.fonts import BUNDLED
from tests.support.clips import numbered

WIDTH, HEIGHT, FRAMES = 64, 36, 8
FPS = Fraction(25)
RATE = 48_000
FONT = BUNDLED / "noto" / "NotoSansHebrew.ttf"


def write_tone(path: Path, codec: str = "", *, seconds: float = 0.3) -> Path:
    """Write a stereo tone; without a ``codec`` the one that is usual for the suffix."""
    with av.open(str(path), "w") as container:
        stream = _add_sound(container, codec or container.default_audio_codec)
        _sound(container, stream, seconds)
    return path


def write_film(path: Path, video: str, audio: str, *, pixel_format: str = "yuv420p") -> Path:
    """Write a few numbered frames with a tone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(video, rate=FPS)
        sound = _add_sound(container, audio)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixel_format
        stream.codec_context.time_base = 1 / FPS
        stream.options = {"g": "4"} | ({"preset": "ultrafast", "bf": "1"} if video.startswith("libx26") else {})
        if video.startswith("libvpx"):
            stream.options |= {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "0"}
        if video == "libsvtav1":
            stream.options |= {"preset": "12"}
        if pixel_format == "yuva420p":
            stream.metadata["alpha_mode"] = "1"
        container.start_encoding()
        for number in range(FRAMES):
            picture = numbered(number, WIDTH, HEIGHT)
            if pixel_format.startswith("yuva"):
                picture = np.dstack((picture, np.full((HEIGHT, WIDTH), 128, np.uint8)))
            frame = av.VideoFrame.from_ndarray(picture, "rgba" if picture.shape[2] == 4 else "rgb24")
            frame = frame.reformat(format=pixel_format)
            frame.pts, frame.time_base = number, 1 / FPS
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        _sound(container, sound, float(FRAMES / FPS))
    return path


def _add_sound(container: av.container.OutputContainer, codec: str) -> av.AudioStream:
    stream = container.add_stream(codec, rate=RATE, layout="stereo")
    assert isinstance(stream, av.AudioStream)
    if codec == "vorbis":  # FFmpeg's own encoder
        stream.options = {"strict": "experimental"}
    return stream


def _sound(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    wave = (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack((wave, wave)), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _still(path: Path, **options: object) -> Path:
    Image.fromarray(numbered(417, WIDTH, HEIGHT)).save(path, **options)
    return path


def _moving(path: Path, **options: object) -> Path:
    pictures = [Image.fromarray(numbered(number * 77, WIDTH, HEIGHT)) for number in range(4)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, **options)
    return path


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def _captions(path: Path) -> Path:
    stamps = (
        "00:00:0{0}{1}000 --> 00:00:0{0}{1}900".format(second, "," if path.suffix == ".srt" else ".")
        for second in range(9)
    )
    cues = (f"{number}\n{stamp}\n<i>Grüße</i>, {number}\n" for number, stamp in enumerate(stamps, 1))
    path.write_text(("" if path.suffix == ".srt" else "WEBVTT\n\n") + "\n".join(cues), "utf-8")
    return path


def _cube(path: Path) -> Path:
    rows = (f"{red / 2} {green / 2} {blue / 2}" for blue in range(3) for green in range(3) for red in range(3))
    path.write_text("TITLE seed\nLUT_3D_SIZE 3\nDOMAIN_MIN 0 0 0\n" + "\n".join(rows) + "\n", "utf-8")
    return path


SEEDS: Mapping[str, Callable[[Path], object]] = {
    "mp4": lambda path: write_film(path, "libx264", "aac"),
    "hevc.mp4": lambda path: write_film(path, "libx265", "aac"),
    "av1.mp4": lambda path: write_film(path, "libsvtav1", "libopus"),
    "mov": lambda path: write_film(path, "prores_ks", "pcm_s24le", pixel_format="yuva444p10le"),
    "jpeg.mov": lambda path: write_film(path, "mjpeg", "alac", pixel_format="yuvj422p"),
    "mkv": lambda path: write_film(path, "ffv1", "flac"),
    "webm": lambda path: write_film(path, "libvpx-vp9", "libopus"),
    "alpha.webm": lambda path: write_film(path, "libvpx", "vorbis", pixel_format="yuva420p"),
    "avi": lambda path: write_film(path, "mpeg4", "libmp3lame"),
    "ts": lambda path: write_film(path, "mpeg2video", "mp2"),
    "m4a": write_tone,
    "mp3": write_tone,
    "wav": write_tone,
    "float.wav": lambda path: write_tone(path, "pcm_f32le"),
    "ogg": lambda path: write_tone(path, "libopus"),
    "vorbis.ogg": lambda path: write_tone(path, "vorbis"),
    "flac": write_tone,
    "aac": write_tone,
    "png": lambda path: _still(path, exif=_exif()),
    "jpg": lambda path: _still(path, exif=_exif()),
    "webp": lambda path: _still(path, exif=_exif(), lossless=True),
    "lossy.webp": _still,
    "avif": _still,
    "tiff": lambda path: _still(path, compression="tiff_lzw"),
    "bmp": _still,
    "gif": _moving,
    "apng": lambda path: _moving(path, format="PNG"),
    "moving.webp": _moving,
    "srt": _captions,
    "vtt": _captions,
    "cube": _cube,
    "ttf": lambda path: shutil.copyfile(FONT, path),
}
"""How the seed of each kind is written; the kind is the end of its name."""


def write_seeds(folder: Path) -> dict[str, bytes]:
    """Write a seed of every kind into a folder and return their contents."""
    for kind, write in SEEDS.items():
        write(folder / f"seed.{kind}")
    return {kind: (folder / f"seed.{kind}").read_bytes() for kind in SEEDS}
