"""Font files on disk: what a folder holds and how each face calls itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz as hb

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
LAYER_TABLES = frozenset({"COLR"})
BITMAP_TABLES = frozenset({"CBDT", "sbix"})
WEIGHT_NAMES = ("Thin", "ExtraLight", "Light", "Regular", "Medium", "SemiBold", "Bold", "ExtraBold", "Black")

DEFAULT_WEIGHT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class FontFace:
    """One face of a font file. Weights are those it can take: the same twice unless it has a weight axis."""

    path: Path
    index: int
    family: str
    lightest: float
    heaviest: float
    is_italic: bool
    is_color: bool
    is_bitmap: bool
    """Whether its colour glyphs are pictures (PNG) instead of layered outlines."""

    def open(self) -> hb.Face:
        """Open the face; its file is mapped, not read."""
        return hb.Face(hb.Blob.from_file_path(str(self.path)), self.index)


def scan(folder: Path) -> Iterator[FontFace]:
    """Yield the faces of all font files in a folder and below it, in order of their paths; skip what is no font."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file() and path.stat().st_size:
            blob = hb.Blob.from_file_path(str(path))
            count = hb.Face(blob, 0).count
            for index in range(count):
                described = _describe(path, index, hb.Face(blob, index))
                if described:
                    yield described


def _describe(path: Path, index: int, face: hb.Face) -> FontFace | None:
    try:
        tables = frozenset(face.table_tags)
    except UnicodeDecodeError:  # names of tables are ASCII: the file is damaged
        return None
    name = face.get_name(hb.OTNameIdPredefined.TYPOGRAPHIC_FAMILY) or face.get_name(hb.OTNameIdPredefined.FONT_FAMILY)
    if not name or not face.glyph_count:
        return None
    font = hb.Font(face)
    weights = next((axis for axis in face.axis_infos if axis.tag == "wght"), None)
    weight = font.get_style_value(hb.StyleTag.WEIGHT) or DEFAULT_WEIGHT
    has_layers = not LAYER_TABLES.isdisjoint(tables)
    has_bitmaps = not BITMAP_TABLES.isdisjoint(tables)
    return FontFace(
        path=path,
        index=index,
        family=_family(name, is_variable=weights is not None),
        lightest=weights.min_value if weights else weight,
        heaviest=weights.max_value if weights else weight,
        is_italic=font.get_style_value(hb.StyleTag.ITALIC) > 0 or font.get_style_value(hb.StyleTag.SLANT_ANGLE) < 0,
        is_color=has_layers or has_bitmaps,
        is_bitmap=has_bitmaps and not has_layers,
    )


def _family(name: str, *, is_variable: bool) -> str:
    """Return the family's plain name: variable fonts append "Variable", or their default weight."""
    if not is_variable:
        return name
    for ending in ("Variable", "VF", *WEIGHT_NAMES):
        name = name.removesuffix(f" {ending}")
    return name
