"""Limits: how much a media file may hold before it is refused."""

from dataclasses import dataclass

from core.api import MediaError

MIB = 2**20
GIB = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that is taken of a file, far beyond what is in use.

    What headers say is checked before anything is decoded; decoders get ``pixels`` and ``samples_a_packet``, so that
    what comes mid-stream, or contradicts the headers, is refused before memory is taken for it. ``side`` is the width
    or height in pixels, ``seconds`` the length, ``frames`` what a header may declare.
    """

    file_bytes: int = 512 * GIB
    streams: int = 64
    seconds: int = 24 * 3600
    side: int = 16_384
    pixels: int = 8192 * 8192
    frames: int = 24 * 3600 * 120
    frames_a_second: int = 1000
    channels: int = 64
    least_samples_a_second: int = 4_000
    """Sound is brought to 48 kHz: what has fewer samples grows."""
    samples_a_second: int = 768_000
    samples_a_packet: int = 2**20
    packet_bytes: int = 64 * MIB

    def check_size(self, name: str, width: int, height: int) -> None:
        """Raise ``MediaError`` when a picture of ``width`` x ``height`` pixels is too large."""
        if width > self.side or height > self.side or width * height > self.pixels:
            raise MediaError(
                f"{name}: the picture is too large ({width}x{height})",
                hint=f"at most {self.pixels / 1e6:.0f} million pixels, {self.side} a side",
            )

    def check_sound(self, name: str, channels: int, samples_a_second: int) -> None:
        """Raise ``MediaError`` for absurd sound; 0 stands for what the header does not tell."""
        if channels > self.channels:
            raise MediaError(f"{name}: has {channels} channels of sound, more than {self.channels}")
        if samples_a_second and not self.least_samples_a_second <= samples_a_second <= self.samples_a_second:
            raise MediaError(
                f"{name}: its sound has {samples_a_second} samples a second",
                hint=f"between {self.least_samples_a_second} and {self.samples_a_second} are taken",
            )

    def check_seconds(self, name: str, seconds: float) -> None:
        """Raise ``MediaError`` when a file is too long."""
        if seconds > self.seconds:
            raise MediaError(f"{name}: lasts longer than {self.seconds // 3600} hours")


LIMITS = Limits()
