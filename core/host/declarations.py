"""Declarations: checks what plugins' hooks return before anyone uses it."""

from collections.abc import Iterator

from core.api import (
    Animation,
    AssetKind,
    AssetProvider,
    AudioCodec,
    Effect,
    Encoder,
    FilterKernel,
    InvalidInput,
    Parameter,
    ParameterType,
    RgbaKernel,
    RgbKernel,
    StorageBackend,
    Transition,
    VideoCodec,
    YuvKernel,
    parse_values,
)
from core.host.kinds import Contribution

PRESETS = ("draft", "standard", "high")


def problems_of(declared: Contribution) -> list[str]:
    """Return what is wrong with a declaration; nothing when it can be used."""
    return list(_problems(declared))


def _problems(declared: Contribution) -> Iterator[str]:
    if not isinstance(declared.id, str) or not declared.id:
        yield "has no id"
    if not isinstance(declared.title, str) or not declared.title.strip():
        yield "has no title"
    yield from _parameter_problems(declared)
    match declared:
        case Effect(kernel=kernel):
            yield from _kernel_problems(kernel)
        case Transition(mix=mix):
            yield from _uncallable("mix", mix)
        case Animation(pose=pose):
            yield from _uncallable("pose", pose)
        case Encoder():
            yield from _encoder_problems(declared)
        case AssetProvider(open=open_provider, kinds=kinds):
            yield from _uncallable("open", open_provider)
            if not kinds or not all(isinstance(kind, AssetKind) for kind in kinds):
                yield "kinds must hold at least one AssetKind"
        case StorageBackend(open=open_storage):
            yield from _uncallable("open", open_storage)


def _parameter_problems(declared: Contribution) -> Iterator[str]:
    if not _is_tuple_of(declared.params, Parameter):
        yield "params must be a tuple of Parameter"
        return
    names = [parameter.name for parameter in declared.params]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f'the parameter "{name}" is declared twice'
    for parameter in declared.params:
        for other in parameter.visible_if:
            if other not in names:
                yield f'the parameter "{parameter.name}" is visible_if "{other}", which is not declared'
        if parameter.check is not None:
            yield from _uncallable(f'the check of the parameter "{parameter.name}"', parameter.check)
        if parameter.type is ParameterType.SECRET and not isinstance(declared, AssetProvider | StorageBackend):
            yield f'the parameter "{parameter.name}" is a secret: only providers and stores are configured with one'


def _kernel_problems(kernel: object) -> Iterator[str]:
    match kernel:
        case RgbKernel(draw=function) | RgbaKernel(draw=function) | YuvKernel(draw=function):
            yield from _uncallable("kernel", function)
        case FilterKernel(chain=function):
            yield from _uncallable("kernel", function)
        case _:
            yield f"kernel must be an RgbKernel, RgbaKernel, YuvKernel or FilterKernel, not {type(kernel).__name__}"


def _encoder_problems(encoder: Encoder) -> Iterator[str]:
    if encoder.open is not None:
        yield from _uncallable("open", encoder.open)
    elif not encoder.container or (encoder.video is None and encoder.audio is None):
        yield "needs a container with a video or audio codec, or an open of its own"
    for name, codec, wanted in (("video", encoder.video, VideoCodec), ("audio", encoder.audio, AudioCodec)):
        if codec is not None and not isinstance(codec, wanted):
            yield f"{name} must be {wanted.__name__}"
    if not isinstance(encoder.extension, str) or not encoder.extension.strip("."):
        yield "has no extension"
    for name, given in encoder.presets.items():
        if name not in PRESETS:
            yield f'has a preset "{name}"; they are {", ".join(PRESETS)}'
        _, complaints = parse_values(encoder.params, given, path=f"presets.{name}")
        yield from (_told(complaint) for complaint in complaints)


def _told(complaint: InvalidInput) -> str:
    return f"{complaint.path} {complaint}"


def _is_tuple_of(value: object, wanted: type) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, wanted) for each in value)


def _uncallable(name: str, function: object) -> Iterator[str]:
    if not callable(function):
        yield f"{name} must be a function, not {type(function).__name__}"
