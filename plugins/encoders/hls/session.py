"""A session that writes an HLS folder: one rung a size, one sound, one master playlist (RFC 8216, fMP4 segments)."""

import shutil
from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from core.api import EncodeJob, InvalidInput, MediaError, Samples
from plugins.encoders.hls.playlist import Variant, master_playlist, peak_bandwidth

BT709 = 1
NO_PICTURE_TYPE = 0
SAMPLE_RATE = 48_000
SOUND = "sound"


class HlsSession:
    """One folder being written: frames are scaled for every rung, key frames lie at the same frames in all."""

    def __init__(self, job: EncodeJob) -> None:
        self._job = job
        self._part = job.path.with_name(f".{job.path.name}.part")
        self._is_open = True
        heights = _heights(job)
        try:
            shutil.rmtree(self._part, ignore_errors=True)
            self._part.mkdir(parents=True)
            self._rungs = [_Rung(job, self._part, height) for height in heights]
            self._sound = _Sound(job, self._part) if job.has_audio else None
        except (av.FFmpegError, OSError) as err:
            self.abort()
            raise MediaError(f"{job.path}: can't be written: {err.strerror or err}") from err

    def write_video(self, frame: av.VideoFrame) -> None:
        for rung in self._rungs:
            rung.write(frame)

    def write_audio(self, samples: Samples) -> None:
        if self._sound is not None:
            self._sound.write(samples)

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        try:
            for rung in self._rungs:
                rung.close()
            if self._sound:
                self._sound.close()
            variants = [rung.variant() for rung in self._rungs]
            sound_bandwidth = peak_bandwidth(self._part / f"{SOUND}.m3u8") if self._sound else None
            master = master_playlist(variants, sound_bandwidth, fps=self._job.fps or Fraction(30))
            (self._part / "master.m3u8").write_text(master)
            if self._job.path.is_dir():
                shutil.rmtree(self._job.path)
            self._part.replace(self._job.path)
        except (av.FFmpegError, OSError) as err:
            shutil.rmtree(self._part, ignore_errors=True)
            raise MediaError(f"{self._job.path}: can't be written: {err.strerror or err}") from err

    def abort(self) -> None:
        if self._is_open:
            self._is_open = False
            shutil.rmtree(self._part, ignore_errors=True)


def _heights(job: EncodeJob) -> list[int]:
    text = job.values.text("heights")
    try:
        wanted = sorted({int(part) for part in text.replace(",", " ").split()}, reverse=True)
    except ValueError as err:
        raise InvalidInput(
            f'"{text}" is no list of heights', path="quality.heights", hint="write 1080 720 480"
        ) from err
    heights = [height // 2 * 2 for height in wanted if 16 <= height <= job.height]
    return heights or [job.height]


def _open(job: EncodeJob, folder: object, name: str) -> av.container.OutputContainer:
    return av.open(
        f"{folder}/{name}.m3u8",
        "w",
        format="hls",
        options={
            "hls_time": f"{job.values.number('segment'):g}",
            "hls_segment_type": "fmp4",
            "hls_playlist_type": "vod",
            "hls_flags": "independent_segments",
            "hls_fmp4_init_filename": f"{name}-init.mp4",
            "hls_segment_filename": f"{folder}/{name}-%04d.m4s",
        },
    )


class _Rung:
    """One size of the video."""

    def __init__(self, job: EncodeJob, folder: object, height: int) -> None:
        assert job.fps is not None, "the engine gives frames to encoders that draw"
        self._folder = folder
        self._name = f"{height}p"
        self._size = (round(job.width * height / job.height / 2) * 2, height)
        self._time_base = 1 / job.fps
        self._scaler = VideoReformatter()
        self._container = _open(job, folder, self._name)
        self._stream = self._container.add_stream("libx264", rate=job.fps)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = *self._size, "yuv420p"
        context.time_base = self._time_base
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = ColorRange.MPEG
        interval = round(job.values.number("segment") * job.fps)
        context.options = {
            "crf": f"{job.values.number('crf'):g}",
            "preset": job.values.text("preset"),
            "g": str(interval),
            "keyint_min": str(interval),
            "sc_threshold": "0",
        }
        self._container.start_encoding()

    def write(self, frame: av.VideoFrame) -> None:
        width, height = self._size
        sized = self._scaler.reformat(frame, width=width, height=height, interpolation=Interpolation.BICUBIC, threads=1)
        sized.pts, sized.time_base, sized.pict_type = frame.pts, self._time_base, NO_PICTURE_TYPE
        self._container.mux(self._stream.encode(sized))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        # The sequence parameter set begins with profile, constraints and level: the codec's name in RFC 6381.
        extradata = self._stream.codec_context.extradata or b"\x01\x64\x00\x28"
        start = 1 if extradata[0] == 1 else extradata.index(b"\x67") + 1
        self._codec = f"avc1.{extradata[start : start + 3].hex()}"
        self._container.close()

    def variant(self) -> Variant:
        bandwidth = peak_bandwidth(f"{self._folder}/{self._name}.m3u8")
        return Variant(
            name=self._name, width=self._size[0], height=self._size[1], codec=self._codec, bandwidth=bandwidth
        )


class _Sound:
    """The sound that all rungs share."""

    def __init__(self, job: EncodeJob, folder: object) -> None:
        self._container = _open(job, folder, SOUND)
        self._stream = self._container.add_stream("aac", rate=SAMPLE_RATE)
        context = self._stream.codec_context
        context.layout, context.format = "stereo", "fltp"
        context.bit_rate = int(job.values.number("audio_kbit")) * 1000
        self._resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE, frame_size=1024)
        self._sample_rate = job.sample_rate
        self._given = 0
        self._container.start_encoding()

    def write(self, samples: Samples) -> None:
        packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._sample_rate, self._given, Fraction(1, self._sample_rate)
        self._given += len(samples)
        for part in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(part))

    def close(self) -> None:
        for part in self._resampler.resample(None):
            self._container.mux(self._stream.encode(part))
        self._container.mux(self._stream.encode(None))
        self._container.close()
