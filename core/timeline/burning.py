"""Burning: captions as layers of the picture, those that are seen together one above the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from core.timeline.crowding import MAX_SEEN
from core.timeline.document.clips import CaptionPreset, CaptionsPart, CaptionStyle
from core.timeline.plan import Cue, Layer, Placement, frame_at
from core.timeline.sources import TextSource
from core.timeline.texts import caption_placement, caption_source

_EM = 0.55
"""How wide a letter of a caption is, on average, in font sizes."""
_GAP = 0.012
"""Between captions above one another, in frame heights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Band:
    """The part of the frame's height that a caption takes until frame ``end``, about."""

    top: float
    bottom: float
    end: int


def burn(
    captions: Sequence[tuple[CaptionsPart, Sequence[Cue]]], *, fps: Fraction, aspect: Fraction, path: str
) -> list[Layer]:
    """Return burned captions as layers, one a cue.

    A cue that is seen together with an earlier one moves up until it lies above it. How high texts are is estimated
    from their letters, since a plan is made without fonts.
    """
    layers = [
        layer
        for c, (part, cues) in enumerate(captions)
        if "burn" in part.mode
        for layer in _layers(part, cues, fps, f"{path}captions[{c}]")
    ]
    bands: list[_Band] = []
    for index in sorted(range(len(layers)), key=lambda index: layers[index].first):
        layer = layers[index]
        bands = [band for band in bands if band.end > layer.first][:MAX_SEEN]
        placement, band = _stacked(layer, bands, aspect)
        bands.append(band)
        layers[index] = replace(layer, placement=placement)
    return layers


def _layers(part: CaptionsPart, cues: Sequence[Cue], fps: Fraction, path: str) -> list[Layer]:
    style: CaptionPreset | CaptionStyle = part.style
    return [
        Layer(
            id="",
            path=f"{path}.cues[{index}]" if part.src is None else path,
            first=frame_at(cue.start, fps),
            end=frame_at(cue.end, fps),
            start=cue.start,
            source=caption_source(cue, style),
            placement=caption_placement(style),
        )
        for index, cue in enumerate(cues)
        if cue.text.strip()
    ]


def _stacked(layer: Layer, bands: Sequence[_Band], aspect: Fraction) -> tuple[Placement, _Band]:
    assert isinstance(layer.source, TextSource)
    assert isinstance(layer.placement.y, float)
    middle, height = layer.placement.y, _height(layer.source, aspect)
    # From the lowest band upwards: whoever is in the way pushes the caption above itself.
    for band in sorted(bands, key=lambda band: -band.bottom):
        if middle - height / 2 < band.bottom and band.top < middle + height / 2:
            middle = band.top - _GAP - height / 2
    middle = max(middle, height / 2) if middle != layer.placement.y else middle
    return (
        replace(layer.placement, y=middle),
        _Band(top=middle - height / 2, bottom=middle + height / 2, end=layer.end),
    )


def _height(source: TextSource, aspect: Fraction) -> float:
    """Estimate how high a caption is, in frame heights."""
    style = source.runs[0].style
    fitting = max(1.0, (source.max_width or 1.0) * float(aspect) / (style.size * _EM))
    lines = sum(max(1, ceil(len(line) / fitting)) for line in source.runs[0].text.splitlines())
    padding = source.background.padding if source.background else 0.0
    return lines * style.size * source.line_height + 2 * padding
