"""Encoders for one frame: PNG (with transparency) and JPEG."""

from collections.abc import Iterable

from core.api import EncodeJob, Encoder, EncodeSession, Parameter, ParameterType, hookimpl
from plugins.encoders.stills.session import StillSession

QUALITY = Parameter(
    name="quality", title="Quality", type=ParameterType.INT, default=90, minimum=1, maximum=100, widget="slider"
)


def _open_png(job: EncodeJob) -> EncodeSession:
    return StillSession(job, "PNG", {"optimize": False})


def _open_jpeg(job: EncodeJob) -> EncodeSession:
    return StillSession(job, "JPEG", {"quality": int(job.values.number("quality")), "subsampling": 0})


PNG = Encoder(
    id="png",
    title="PNG",
    description="One frame without loss, transparency kept.",
    extension="png",
    mime_type="image/png",
    presets={"draft": {}, "standard": {}, "high": {}},
    has_alpha=True,
    is_still=True,
    open=_open_png,
)
JPEG = Encoder(
    id="jpeg",
    title="JPEG",
    description="One frame as a small picture.",
    extension="jpg",
    mime_type="image/jpeg",
    params=(QUALITY,),
    presets={"draft": {"quality": 70}, "standard": {"quality": 90}, "high": {"quality": 96}},
    is_still=True,
    open=_open_jpeg,
)


@hookimpl
def reelhouse_encoders() -> Iterable[Encoder]:
    yield PNG
    yield JPEG
