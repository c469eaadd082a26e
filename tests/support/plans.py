"""Plans made by hand, for tests of the engine that need no timeline document."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from core.api import Catalogue, Color, Values
from core.media.layers.opening import Materials
from core.media.probe import probe
from core.media.text.fonts import FontLibrary
from core.timeline.plan import AudioMix, Layer, MediaFile, Output, Plan, Span

BLACK = Color(0, 0, 0)


def spans_of(layers: Sequence[Layer], frames: int) -> tuple[Span, ...]:
    """Cut the frames wherever a layer or a transition begins or ends."""
    cuts = {0, frames}
    for layer in layers:
        cuts |= {layer.first, layer.end}
        if layer.transition:
            cuts.add(layer.first + layer.transition.frames)
    edges = sorted(cut for cut in cuts if 0 <= cut <= frames)
    spans = []
    for first, end in pairwise(edges):
        seen = tuple(index for index, layer in enumerate(layers) if layer.first <= first < layer.end)
        mixes = tuple(
            (layer.mixes_with, index)
            for index, layer in enumerate(layers)
            if layer.transition
            and layer.mixes_with is not None
            and layer.first <= first < layer.first + layer.transition.frames
        )
        spans.append(Span(first=first, end=end, layers=seen, mixes=mixes))
    return tuple(spans)


def plan_of(
    *layers: Layer,
    frames: int,
    size: tuple[int, int] = (320, 180),
    fps: Fraction = Fraction(30),
    background: Color | None = BLACK,
) -> Plan:
    """Make a silent plan of these layers."""
    return Plan(
        name="test",
        width=size[0],
        height=size[1],
        fps=fps,
        frames=frames,
        background=background,
        layers=layers,
        spans=spans_of(layers, frames),
        audio=AudioMix(duration=frames / fps),
        output=Output(encoder="test", extension=".mp4", values=Values()),
    )


def materials_of(*files: Path, catalogue: Catalogue | None = None) -> Materials:
    """Probe files; their ``src`` is ``file:`` and their name."""
    media = {f"file:{path.name}": MediaFile(path=path, sha256=path.name, probe=probe(path)) for path in files}
    return Materials(media=media, catalogue=catalogue or Catalogue(), fonts=FontLibrary())
