"""The fonts of a render: those of the installation, and those in folders of a tenant or a timeline."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.media.text.clusters import is_emoji, visible_codepoints
from core.media.text.faces import FontFace, scan
from core.media.text.typeface import Typeface, TypefaceCache

BUNDLED = Path(__file__).parent.parent / "fonts"
DEFAULT_FAMILY = "Inter"
EMOJI_FAMILY = "Twemoji Mozilla"
FALLBACKS = (
    DEFAULT_FAMILY,
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    EMOJI_FAMILY,
)


class FontProblem(StrEnum):
    """What can be wrong with a text's fonts."""

    UNKNOWN_FAMILY = "unknown_family"
    MISSING_GLYPH = "missing_glyph"


@dataclass(frozen=True, slots=True)
class FontWarning:
    """A text is not drawn as it was asked: ``subject`` is the family's name, or the letter no font has."""

    problem: FontProblem
    subject: str

    def __str__(self) -> str:
        if self.problem is FontProblem.UNKNOWN_FAMILY:
            return f'no font family "{self.subject}"; {DEFAULT_FAMILY} is used'
        return f'no font has a glyph for "{self.subject}" ({", ".join(f"U+{ord(char):04X}" for char in self.subject)})'


class FontLibrary:
    """Finds typefaces by family, weight and slant, and for any letter one that has it. One owner, one thread.

    Faces in ``folders`` come before the installation's own of the same family; they also serve as the last fallback
    for letters that no bundled font has (Chinese, say). Folders are read once, when first needed.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self.folders = tuple(folders)
        self._folders = (*self.folders, BUNDLED)
        self._families: dict[str, list[FontFace]] = {}
        self._typefaces = TypefaceCache()

    def fingerprint(self) -> str:
        """Return a hash (SHA-256, hex) of all font files: with another one a text may look otherwise."""
        paths = dict.fromkeys(face.path for faces in self._scanned().values() for face in faces)
        content = hashlib.sha256()
        for path in paths:
            with path.open("rb") as file:
                content.update(hashlib.file_digest(file, "sha256").digest())
        return content.hexdigest()

    def families(self) -> tuple[str, ...]:
        """List the families by name."""
        return tuple(sorted((faces[0].family for faces in self._scanned().values()), key=str.casefold))

    def has_family(self, family: str) -> bool:
        """Tell whether there is a family of this name, in any spelling of upper and lower case."""
        return family.casefold() in self._scanned()

    def find(self, family: str, *, weight: float = 400, is_italic: bool = False, size: float = 0.05) -> Typeface:
        """Return the typeface nearest to what is asked; an unknown family gives the default one.

        ``size`` (of the frame's height) sets the optical size of fonts that have one.
        """
        families = self._scanned()
        faces = families.get(family.casefold()) or families[DEFAULT_FAMILY.casefold()]
        face = min(faces, key=lambda face: _distance(face, weight, is_italic))
        return self._typefaces.typeface(face, weight=weight, is_italic=is_italic, size=size)

    def find_for(
        self, cluster: str, family: str, *, weight: float = 400, is_italic: bool = False, size: float = 0.05
    ) -> Typeface | None:
        """Return the first typeface that has all of a grapheme cluster: the family, the fallbacks, any other.

        Emoji are looked up in colour fonts first. None when no font has it.
        """
        needed = visible_codepoints(cluster)
        order = [family, *FALLBACKS, *self._others()]
        if is_emoji(cluster):
            order = [*(name for name in order if self._is_color(name)), *order]
        for name in dict.fromkeys(name for name in order if self.has_family(name)):
            typeface = self.find(name, weight=weight, is_italic=is_italic, size=size)
            if all(typeface.covers(codepoint) for codepoint in needed):
                return typeface
        return None

    def _others(self) -> list[str]:
        return [faces[0].family for faces in self._scanned().values()]

    def _is_color(self, family: str) -> bool:
        return any(face.is_color for face in self._scanned().get(family.casefold(), ()))

    def _scanned(self) -> dict[str, list[FontFace]]:
        if not self._families:
            for folder in self._folders:
                for face in scan(folder):
                    self._families.setdefault(face.family.casefold(), []).append(face)
        return self._families


def _distance(face: FontFace, weight: float, is_italic: bool) -> tuple[bool, float]:
    nearest = min(max(weight, face.lightest), face.heaviest)
    return face.is_italic != is_italic, abs(nearest - weight)
