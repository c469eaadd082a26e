"""Opening painters: from a source to something that draws it."""

from core.media.painters.gradient import ColorPainter, GradientPainter
from core.media.painters.painter import Painter
from core.media.painters.shape import ShapePainter
from core.media.painters.text import TextPainter
from core.media.text.fonts import FontLibrary
from core.timeline.sources import ColorSource, GradientSource, ShapeSource, TextSource

type DrawnSource = TextSource | ShapeSource | ColorSource | GradientSource


def open_painter(
    source: DrawnSource, *, frame_width: int, frame_height: int, box_width: int, box_height: int, fonts: FontLibrary
) -> Painter:
    """Open a source for drawing at a size; texts have a box of their own, the others fill the box given.

    All sizes are in pixels. Raise ``InvalidInput`` for path data that can't be read.
    """
    match source:
        case TextSource():
            return TextPainter(source, frame_width=frame_width, frame_height=frame_height, fonts=fonts)
        case ShapeSource():
            return ShapePainter(source, width=box_width, height=box_height, frame_height=frame_height)
        case ColorSource():
            return ColorPainter(source, width=box_width, height=box_height)
        case GradientSource():
            return GradientPainter(source, width=box_width, height=box_height)
