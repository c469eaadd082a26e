"""Rationals between FFmpeg and Python."""

from fractions import Fraction

from av.rational import AVRational


def fraction(rational: AVRational | None) -> Fraction | None:
    """Return a fraction, or None for what FFmpeg calls unset: no value, 0/1, n/0."""
    if rational is None or not rational.denominator or not rational.numerator:
        return None
    return Fraction(rational.numerator, rational.denominator)
