"""Caption files beside a video."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from core.api import MediaError
from core.timeline.captions import write_srt, write_vtt
from core.timeline.plan import CaptionTrack


def write_sidecars(tracks: Sequence[CaptionTrack], stem: Path) -> Iterator[Path]:
    """Write SubRip and WebVTT files named ``<stem>.<language>.<form>`` for the tracks that ask for it.

    Further tracks of a language are named ``<stem>.<language>-2.<form>`` and so on. Raise ``MediaError`` naming the
    file that can't be written.
    """
    taken: set[str] = set()
    for track in tracks:
        if not track.is_sidecar:
            continue
        language = _free_name(track.language, taken)
        for form, text in (("srt", write_srt(track.cues)), ("vtt", write_vtt(track.cues))):
            path = stem.with_name(f"{stem.name}.{language}.{form}")
            _write_whole(path, text)
            yield path


def _free_name(language: str, taken: set[str]) -> str:
    """Return a name that no track before has, whatever the case: some file systems do not tell ``en`` from ``EN``."""
    name, number = language, 1
    while name.lower() in taken:
        number += 1
        name = f"{language}-{number}"
    taken.add(name.lower())
    return name


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as err:
        with suppress(OSError):  # it may not be there
            part.unlink()
        raise MediaError(f"{path}: can't be written: {err.strerror or err}") from err
