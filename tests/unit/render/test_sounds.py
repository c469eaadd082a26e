"""What workers say of a sound is read as it was written, or refused."""

import json
from dataclasses import asdict

import pytest

from core.api import MediaError
from core.render.sounds import SoundFacts, read_facts


@pytest.mark.parametrize(
    "facts",
    [
        SoundFacts(),
        SoundFacts(
            loudness=-16.1, true_peak=-1.0, notes=("tracks[0]: ends early",), waveform=((-0.5, 0.25), (0.0, 0.0))
        ),
    ],
    ids=["silence", "sound"],
)
def test_facts_are_read_as_they_were_written(facts: SoundFacts) -> None:
    assert read_facts(json.dumps(asdict(facts)).encode()) == facts


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[1]",
        b'{"loudness": "loud"}',
        b'{"loudness": NaN}',
        b'{"true_peak": 1e999}',
        b'{"notes": "a note"}',
        b'{"waveform": [[0, 0, 0]]}',
        b'{"waveform": [[0, Infinity]]}',
        b'{"waveform": ' + b"[" * 100_000,
    ],
    ids=lambda text: repr(text[:30]),
)
def test_what_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(MediaError, match=r"^a worker described a sound in a way that can't be read$"):
        read_facts(text)
