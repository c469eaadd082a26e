"""A session that writes one frame as a picture."""

from collections.abc import Mapping
from contextlib import suppress

import av
from PIL import Image

from core.api import EncodeJob, MediaError, Samples


class StillSession:
    """Keeps the first frame and writes it when it is closed, under its name only when it is whole."""

    def __init__(self, job: EncodeJob, picture_format: str, options: Mapping[str, int | bool]) -> None:
        self._job = job
        self._format = picture_format
        self._options = options
        self._picture: Image.Image | None = None

    def write_video(self, frame: av.VideoFrame) -> None:
        if self._picture is None:
            is_rgba = frame.format.name == "rgba"
            pixels = frame if is_rgba else frame.reformat(format="rgb24", src_colorspace="ITU709")
            self._picture = Image.fromarray(pixels.to_ndarray())

    def write_audio(self, samples: Samples) -> None:
        """Leave sound out: a picture has none."""

    def close(self) -> None:
        if self._picture is None:
            return
        part = self._job.path.with_name(f".{self._job.path.name}.part")
        try:
            self._picture.save(part, self._format, **self._options)
            part.replace(self._job.path)
        except OSError as err:
            with suppress(OSError):  # it may not be there
                part.unlink()
            raise MediaError(f"{self._job.path}: can't be written: {err.strerror or err}") from err
        self._picture = None

    def abort(self) -> None:
        self._picture = None
