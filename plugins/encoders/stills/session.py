"""A session that writes one frame as a picture."""

from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO

import av
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image

from core.api import EncodeJob, MediaError, Samples

EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP


class StillSession:
    """Keeps the first frame and writes it when it is closed, under its name only when it is whole."""

    def __init__(self, job: EncodeJob, picture_format: str, options: Mapping[str, int | bool]) -> None:
        self._job = job
        self._format = picture_format
        self._options = options
        self._picture: Image.Image | None = None

    def write_video(self, frame: av.VideoFrame) -> None:
        if self._picture is None:
            self._picture = Image.fromarray((frame if frame.format.name == "rgba" else _rgb(frame)).to_ndarray())

    def write_audio(self, samples: Samples) -> None:
        """Leave sound out: a picture has none."""

    def close(self) -> None:
        if self._picture is None:
            return
        picture, self._picture = self._picture, None
        content = BytesIO()  # Pillow does not notice when a full disk takes only a part of what it writes
        picture.save(content, self._format, **self._options)
        part = self._job.path.with_name(f".{self._job.path.name}.part")
        try:
            part.write_bytes(content.getvalue())
            part.replace(self._job.path)
        except OSError as err:
            with suppress(OSError):  # it may not be there
                part.unlink()
            raise MediaError(f"{self._job.path}: can't be written: {err.strerror or err}") from err

    def abort(self) -> None:
        self._picture = None


def _rgb(frame: av.VideoFrame) -> av.VideoFrame:
    return frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=EXACT,
    )
