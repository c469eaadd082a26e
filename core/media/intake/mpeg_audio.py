"""Frames of MPEG audio, which has no signature: it is known by frames that follow each other.

Sources: ISO/IEC 11172-3 and 13818-3 (layers I to III), ISO/IEC 13818-7 (ADTS).
"""

from collections.abc import Callable

IN_A_ROW = 3
_ADTS_HEADER = 7
_MPEG_HEADER = 4

# Bit rates in kbit/s by layer, for MPEG-1 and for the lower sample rates of MPEG-2 and 2.5.
_FULL_RATES = {
    1: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_LOW_RATES = {
    1: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_LOW_RATES[3] = _LOW_RATES[2]
_SAMPLES_A_SECOND = (44_100, 48_000, 32_000)
_MPEG_1, _RESERVED = 3, 1


def has_mpeg_frames(head: bytes) -> bool:
    """Tell whether frames of MPEG audio, layers I to III, follow each other somewhere."""
    return _has_row(head, _mpeg_length, _MPEG_HEADER)


def has_adts_frames(head: bytes) -> bool:
    """Tell whether AAC frames with ADTS headers follow each other somewhere."""
    return _has_row(head, _adts_length, _ADTS_HEADER)


def _has_row(head: bytes, length_at: Callable[[bytes, int], int], header: int) -> bool:
    """Tell whether ``IN_A_ROW`` frames come one after the other; at the end of a short file, as many as there are."""
    start = head.find(0xFF)
    while start >= 0:
        at, count = start, 0
        while count < IN_A_ROW and at + header <= len(head) and (length := length_at(head, at)):
            at, count = at + length, count + 1
        if count == IN_A_ROW or (count and at == len(head)):
            return True
        start = head.find(0xFF, start + 1)
    return False


def _adts_length(head: bytes, at: int) -> int:
    """Return the length of the ADTS frame at a place, 0 where there is none."""
    if head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0 or head[at + 2] >> 2 & 0xF > 12:
        return 0
    length = (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5
    return length if length > _ADTS_HEADER else 0


def _mpeg_length(head: bytes, at: int) -> int:
    """Return the length of the MPEG audio frame at a place, 0 where there is none or its length is not told."""
    if head[at] != 0xFF or head[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[at + 1] >> 3 & 3, 4 - (head[at + 1] >> 1 & 3)
    rate, frequency, padding = head[at + 2] >> 4, head[at + 2] >> 2 & 3, head[at + 2] >> 1 & 1
    if version == _RESERVED or layer == 4 or frequency == 3 or not 0 < rate < 15:
        return 0
    bits_a_second = (_FULL_RATES if version == _MPEG_1 else _LOW_RATES)[layer][rate] * 1000
    samples_a_second = _SAMPLES_A_SECOND[frequency] >> {_MPEG_1: 0, 2: 1, 0: 2}[version]
    if layer == 1:
        return (12 * bits_a_second // samples_a_second + padding) * 4
    slots = 72 if layer == 3 and version != _MPEG_1 else 144
    return slots * bits_a_second // samples_a_second + padding
