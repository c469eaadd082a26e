"""Caption files beside a video."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.timeline.captions import write_srt, write_vtt
from core.timeline.plan import CaptionTrack


def write_sidecars(tracks: Sequence[CaptionTrack], stem: Path) -> Iterator[Path]:
    """Write SubRip and WebVTT files named ``<stem>.<language>.<form>`` for the tracks that ask for it."""
    for track in tracks:
        if not track.is_sidecar:
            continue
        for form, text in (("srt", write_srt(track.cues)), ("vtt", write_vtt(track.cues))):
            path = stem.with_name(f"{stem.name}.{track.language}.{form}")
            path.write_text(text, encoding="utf-8")
            yield path
