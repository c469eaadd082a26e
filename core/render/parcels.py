"""Parcels: work for machines that do not reach the caller's folders, with the hashes of all files that it needs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.render.ingredients import Ingredients
from core.render.ledger import SharedFiles
from core.render.ledger.folder import digest_of
from core.render.work import PictureRun, SoundRun, Still, WholeRun

type Portable = PictureRun | SoundRun | WholeRun | Still
"""Work that can be done elsewhere: it says all files it needs among its ingredients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFont:
    """A font file: its SHA-256, and its path in the ``folder``-th folder of fonts."""

    folder: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Work whose paths mean nothing where it is opened, and the fonts that it is drawn with."""

    work: Portable
    fonts: tuple[SharedFont, ...]


def pack(work: Portable, files: SharedFiles) -> Parcel:
    """Share all files that work needs, unless they are shared, and pack it. Raise what ``SharedFiles.share`` raises."""
    for file in work.ingredients.media.values():
        files.share(file.path, file.sha256)
    fonts = tuple(_fonts(work.ingredients))
    for font in fonts:
        files.share(work.ingredients.font_folders[font.folder] / font.name, font.sha256)
    return Parcel(work=work, fonts=fonts)


def unpack(parcel: Parcel, files: SharedFiles, folder: Path) -> Portable:
    """Bring a parcel's files into ``folder``; return the work with the paths they have there.

    Raise what ``SharedFiles.take`` raises.
    """
    ingredients = parcel.work.ingredients
    media = {}
    for number, (src, file) in enumerate(ingredients.media.items()):
        place = folder / f"{number}{file.path.suffix}"  # some demuxers look at it
        files.take(file.sha256, place)
        media[src] = replace(file, path=place)
    font_folders = tuple(folder / f"fonts-{number}" for number in range(len(ingredients.font_folders)))
    for each in font_folders:
        each.mkdir()
    for font in parcel.fonts:
        place = font_folders[font.folder] / font.name
        place.parent.mkdir(parents=True, exist_ok=True)
        files.take(font.sha256, place)
    return replace(parcel.work, ingredients=replace(ingredients, media=media, font_folders=font_folders))


def _fonts(ingredients: Ingredients) -> Iterator[SharedFont]:
    for number, folder in enumerate(ingredients.font_folders):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield SharedFont(folder=number, name=str(path.relative_to(folder)), sha256=digest_of(path))
