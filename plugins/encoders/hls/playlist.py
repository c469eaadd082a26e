"""Playlists: the master that lists the rungs, and what a rung's own playlist says of its bit rate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

AAC_LC = "mp4a.40.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """Bit rates in bit/s: the largest, and that of all segments together (RFC 8216 §4.3.4.2)."""

    peak: int
    average: int

    def __add__(self, other: "Bandwidth") -> "Bandwidth":
        return Bandwidth(peak=self.peak + other.peak, average=self.average + other.average)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One rung: its size in pixels, its codec's name (RFC 6381) and its bit rates."""

    name: str
    width: int
    height: int
    codec: str
    bandwidth: Bandwidth


def master_playlist(variants: Sequence[Variant], sound: Bandwidth | None, *, fps: Fraction) -> str:
    """Return the master playlist (RFC 8216 §4.3.4); with sound, all rungs share one rendition of it."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound is not None:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",'
            'URI="sound.m3u8"'
        )
    for variant in variants:
        rates = variant.bandwidth + sound if sound else variant.bandwidth
        codecs = f"{variant.codec},{AAC_LC}" if sound else variant.codec
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rates.peak},AVERAGE-BANDWIDTH={rates.average},"
            f"RESOLUTION={variant.width}x{variant.height},FRAME-RATE={float(fps):.3f},"
            f'CODECS="{codecs}"' + (',AUDIO="sound"' if sound else "")
        )
        lines.append(f"{variant.name}.m3u8")
    return "\n".join(lines) + "\n"


def bandwidth(playlist: Path) -> Bandwidth:
    """Return a playlist's bit rates, from the sizes of its segments.

    The peak is that of any run of segments about as long as one should be (half to one and a half times): the short
    segment at the end has a rate of its own that no line need carry.
    """
    segments, target, length = [], 0.0, 0.0
    for line in playlist.read_text(encoding="utf-8").splitlines():
        if line.startswith("#EXT-X-TARGETDURATION:"):
            target = float(line.removeprefix("#EXT-X-TARGETDURATION:"))
        elif line.startswith("#EXTINF:"):
            length = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line and not line.startswith("#") and length > 0:
            segments.append((length, (playlist.parent / line).stat().st_size * 8))
    seconds = sum(length for length, _ in segments)
    average = sum(bits for _, bits in segments) / seconds if seconds else 0.0
    return Bandwidth(peak=round(max([average, *_rates(segments, target)])), average=round(average))


def _rates(segments: Sequence[tuple[float, int]], target: float) -> Iterator[float]:
    """Yield the bit rates of all runs of segments that last half to one and a half times the target."""
    for first in range(len(segments)):
        seconds, bits = 0.0, 0
        for following in range(first, len(segments)):
            seconds, bits = seconds + segments[following][0], bits + segments[following][1]
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                yield bits / seconds
