"""Sound of a render: mixed and mastered once for the whole timeline, encoded once for each encoder that wants it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from core.api import MediaError
from core.media.audio import waveform
from core.media.layers.opening import Materials
from core.render.mastering import coding_of, encode_sound, master
from core.render.work import SoundRun

WAVEFORM_POINTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """What is known of a timeline's sound: its loudness in LUFS, true peak in dBTP, and what its clips had to say.

    ``waveform`` holds pairs of the least and the largest sample, -1 to 1, for equal parts of the whole.
    """

    loudness: FiniteFloat | None = None
    true_peak: FiniteFloat | None = None
    notes: tuple[str, ...] = ()
    waveform: tuple[tuple[FiniteFloat, FiniteFloat], ...] = ()


_FACTS = TypeAdapter(SoundFacts)


def read_facts(text: bytes) -> SoundFacts:
    """Read what a worker wrote. Raise ``MediaError`` when it is something else: workers are not trusted."""
    try:
        return _FACTS.validate_json(text)
    except ValidationError as err:
        raise MediaError("a worker described a sound in a way that can't be read") from err


def mix_run(run: SoundRun, materials: Materials, folder: Path) -> None:
    """Mix a timeline's sound into ``folder``: a file for each target and, as ``run.key``, what is known of it."""
    scratch = folder / "mixing"
    scratch.mkdir()
    mastered = master(run.plan, materials, scratch=scratch, first=run.first, end=run.end)
    audio = mastered.audio
    for target, key in run.targets:
        encoder = materials.catalogue.encoders[target.encoder]
        path = mastered.encoded.get(coding_of(encoder, target.values))
        if path is None:
            encode_sound(audio, encoder, target.values, folder / key, materials)
        else:
            path.rename(folder / key)
    facts = SoundFacts(
        loudness=audio.after.integrated,
        true_peak=audio.after.true_peak,
        notes=tuple(f"{note.path}: {note.text}" for note in audio.notes),
        waveform=tuple(waveform(audio.blocks(), count=audio.count, points=WAVEFORM_POINTS)),
    )
    (folder / run.key).write_text(json.dumps(asdict(facts)))
    audio.path.unlink()
