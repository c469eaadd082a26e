"""Effects: what changes a clip's picture, and the kernels that do it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.api.parameters import Parameter, Values
from core.api.pictures import Moment, Planes, Rgb, Rgba


@dataclass(frozen=True, slots=True)
class RgbKernel:
    """A function of an RGB picture; the layer's alpha passes by untouched. It must not write into its input."""

    draw: Callable[[Rgb, Values, Moment], Rgb]


@dataclass(frozen=True, slots=True)
class RgbaKernel:
    """A function of a picture with straight alpha. It must not write into its input."""

    draw: Callable[[Rgba, Values, Moment], Rgba]


@dataclass(frozen=True, slots=True)
class YuvKernel:
    """A function of planar YUV 4:2:0: the fastest form, no colour conversion. It must not write into its input."""

    draw: Callable[[Planes, Values, Moment], Planes]


@dataclass(frozen=True, slots=True)
class Filter:
    """One libavfilter filter with its options, under FFmpeg's own names.

    ``commands`` names the options that may be changed while the filter runs. List an option only if that gives the
    same picture as a new filter would (``gblur``'s ``sigma`` does not: it leaves ``sigmaV`` as it was); when another
    one changes, the filter is made anew.
    """

    name: str
    options: Mapping[str, str | int | float] = field(default_factory=dict)
    commands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FilterKernel:
    """A chain of libavfilter filters, made anew from the values when they change.

    ``pixel_format`` is FFmpeg's name of the format the chain works in (``yuv420p``, ``yuva420p``, ``gbrp``,
    ``gbrap``). The chain gives one picture of the same size for each picture it gets and keeps no state between them.
    """

    chain: Callable[[Values, Moment], Sequence[Filter]]
    pixel_format: str = "yuv420p"


type Kernel = RgbKernel | RgbaKernel | YuvKernel | FilterKernel


@dataclass(frozen=True, slots=True, kw_only=True)
class Shader:
    """The browser form of an effect or transition: GLSL ES 3.00 source, used by the browser renderer.

    ``parity_psnr`` is the least PSNR in dB between this and the server form.
    """

    source: str
    passes: int = 1
    parity_psnr: float = 45.0


class Cost(StrEnum):
    """A hint for the editor: whether an effect can be previewed live."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A change to a clip's picture, declared by a plugin.

    ``id`` is what a timeline's ``use`` names; a third party's begins with its plugin's id. Without a ``shader`` the
    editor previews the effect through the server. An effect whose result depends on time even when its values do
    not (grain) sets ``varies``; others are drawn once for a still picture.
    """

    id: str
    title: str
    description: str = ""
    kernel: Kernel
    params: tuple[Parameter, ...] = ()
    varies: bool = False
    cost: Cost = Cost.LOW
    shader: Shader | None = None
