"""Room for the index at the head of an MP4 or QuickTime file, so that a player can begin while it still loads.

FFmpeg's ``faststart`` writes the index at the end and then moves all else behind it: the whole file is read and written
a second time. What is put together of finished parts has a known number of packets, so the room can be left at once;
what the index does not need of it stays as an empty ``free`` box.
"""

from collections.abc import Mapping

PACKET_BYTES = 4 + 8 + 8 + 4 + 12 + 8
"""What a packet takes at most: an entry each in stsz, stts, ctts, stss, stsc and co64 (ISO/IEC 14496-12)."""
REST_BYTES = 2**16
"""What everything else takes: the boxes themselves, the tracks' descriptions with their parameter sets, the tags."""
_AT_THE_HEAD = {"movflags": "+faststart"}


def with_head_room(options: Mapping[str, str], packets: int | None) -> dict[str, str]:
    """Return a muxer's options: those given, with room for ``packets`` in place of faststart where they ask for that.

    ``packets`` is how many there will be at most in all tracks; where it is None they stay as they are.
    """
    if packets is None or dict(options) != _AT_THE_HEAD:
        return dict(options)
    return {"moov_size": str(packets * PACKET_BYTES + REST_BYTES)}
