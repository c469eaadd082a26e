"""Intake: the one way in for media files. What is read at all is listed here, and how much of it.

FFmpeg opens far more than media: playlists that name other files, descriptions of network sessions, devices; and it
lets a file's name help to decide what it is. So the content is recognised here, first, and FFmpeg and Pillow are told
what they have to read it as. See ``docs/media.md`` for what users are told.
"""

from core.media.intake.failures import reading
from core.media.intake.limits import LIMITS, Limits
from core.media.intake.opening import MICROSECONDS, is_cover, open_media
from core.media.intake.pictures import open_picture, orientation
from core.media.intake.signatures import Signature, recognise

__all__ = [
    "LIMITS",
    "MICROSECONDS",
    "Limits",
    "Signature",
    "is_cover",
    "open_media",
    "open_picture",
    "orientation",
    "reading",
    "recognise",
]
