"""Painters: everything that is drawn rather than decoded (texts, shapes, colours, gradients)."""

from core.media.painters.opening import DrawnSource, open_painter
from core.media.painters.painter import Bleed, Painter

__all__ = ["Bleed", "DrawnSource", "Painter", "open_painter"]
