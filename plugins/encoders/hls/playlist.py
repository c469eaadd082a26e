"""Playlists: the master that lists the rungs, and what a rung's own playlist says of its bit rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

AAC_LC = "mp4a.40.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One rung: its size in pixels, its codec's name (RFC 6381) and its peak bit rate in bit/s."""

    name: str
    width: int
    height: int
    codec: str
    bandwidth: int


def master_playlist(variants: Sequence[Variant], sound_bandwidth: int | None, *, fps: Fraction) -> str:
    """Return the master playlist (RFC 8216 §4.3.4); with sound, all rungs share one rendition of it."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    shared = ""
    if sound_bandwidth is not None:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="sound.m3u8"'
        )
        shared = ',AUDIO="sound"'
    for variant in variants:
        codecs = variant.codec if sound_bandwidth is None else f"{variant.codec},{AAC_LC}"
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={variant.bandwidth + (sound_bandwidth or 0)},"
            f"RESOLUTION={variant.width}x{variant.height},FRAME-RATE={float(fps):.3f},"
            f'CODECS="{codecs}"{shared}'
        )
        lines.append(f"{variant.name}.m3u8")
    return "\n".join(lines) + "\n"


def peak_bandwidth(playlist: Path | str) -> int:
    """Return the largest bit rate of a playlist's segments, from their files' sizes (RFC 8216 §4.3.4.2)."""
    path = Path(playlist)
    peak, seconds = 0.0, 0.0
    for line in path.read_text().splitlines():
        if line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line and not line.startswith("#") and seconds > 0:
            peak = max(peak, (path.parent / line).stat().st_size * 8 / seconds)
    return round(peak)
