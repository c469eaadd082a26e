"""Tasting: what the engine does with a stranger's file before and while it is drawn and heard, in short."""

from fractions import Fraction
from pathlib import Path

from core.api import Color, JsonValue
from core.media.audio.reader import AudioReader
from core.media.audio.samples import RATE
from core.media.layers.rasters import Raster, StillRaster, VideoRaster
from core.media.painters.text import TextPainter
from core.media.probe import probe
from core.media.text.fonts import FontLibrary
from core.render.copying.index import index_source
from core.render.probes import read_probe, write_probe
from core.timeline.captions import parse_captions
from core.timeline.plan import Probe
from core.timeline.sources import Playback, TextRun, TextSource, TextStyle
from plugins.effects.color.cube import read_cube
from tests.support.caged import warm_up as warm_up

SMALL = (32, 18)
SAMPLES = 4_800
FAMILY, LETTERS = "Noto Sans Hebrew", "שלום עולם"


def taste(path: Path, kind: str) -> JsonValue:
    """Do with a file what is done with its kind; return what it turned out to be."""
    match kind:
        case "srt" | "vtt":
            return f"{len(parse_captions(path.read_bytes().decode('utf-8-sig', 'replace')))} captions"
        case "cube":
            return f"{len(read_cube(path, field='file').table)} rows"
        case "ttf":
            return _draw_letters(path)
    found = read_probe(write_probe(probe(path)))
    if found.kind == "video":
        _show(path, found)
        index_source(path)
    elif found.kind == "image":
        StillRaster(path, _whole(found), *SMALL).planes(Fraction(0))
    if found.has_audio:
        _listen(path, found)
    return found.kind


def _whole(found: Probe) -> tuple[float, float, float, float]:
    return 0.0, 0.0, float(found.width), float(found.height)


def _show(path: Path, found: Probe) -> None:
    middle = (found.duration or Fraction(0)) / 2
    for playback in (Playback(), Playback(length=middle * 2, reverse=True)):
        raster: Raster = VideoRaster(path, found, playback, _whole(found), *SMALL)
        for time in (Fraction(0), middle):
            planes = raster.planes(time)
            assert (planes.width, planes.height) == SMALL
        raster.close()


def _listen(path: Path, found: Probe) -> None:
    for first in (0, round((found.duration or 0) / 2 * RATE)):
        with AudioReader(path, first=first) as reader:
            assert reader.read(SAMPLES).shape == (SAMPLES, 2)


def _draw_letters(path: Path) -> JsonValue:
    fonts = FontLibrary((path.parent,))
    fonts.fingerprint()
    style = TextStyle(font=FAMILY, size=0.2, color=Color(255, 255, 255))
    source = TextSource(runs=(TextRun(text=LETTERS, style=style),))
    picture = TextPainter(source, frame_width=160, frame_height=90, fonts=fonts).draw(Fraction(0), 1.0)
    return f"{fonts.find(FAMILY).face.path.name} drew {'x'.join(map(str, picture.shape))}"
