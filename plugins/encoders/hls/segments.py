"""The muxer that cuts one stream into fragments of MP4 and lists them in a playlist."""

from fractions import Fraction
from pathlib import Path

import av


def open_segments(folder: Path, name: str, seconds: Fraction) -> av.container.OutputContainer:
    """Open ``<name>.m3u8`` with its segments in ``folder``, each at least ``seconds`` long, cut at key frames."""
    return av.open(
        str(folder / f"{name}.m3u8"),
        "w",
        format="hls",
        options={
            "hls_time": f"{float(seconds):.6f}",
            "hls_segment_type": "fmp4",
            "hls_playlist_type": "vod",
            "hls_flags": "independent_segments",
            "hls_fmp4_init_filename": f"{name}-init.mp4",
            "hls_segment_filename": f"{folder}/{name}-%04d.m4s",
            # Else picture and sound are shifted, each by its own codec's delay; so they keep edit lists instead.
            "avoid_negative_ts": "disabled",
        },
    )
