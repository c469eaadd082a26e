"""Sound of a render: mixed and mastered once for the whole timeline, encoded once for each encoder that wants it."""

import json
from dataclasses import replace
from pathlib import Path

from core.api import Catalogue, EncodeJob, Encoder
from core.media.audio import RenderedAudio, waveform
from core.media.audio.samples import RATE
from core.media.encode import open_session
from core.media.layers.opening import Materials
from core.render.mastering import master
from core.render.work import SoundRun, Target

WAVEFORM_POINTS = 1000


def mix_run(run: SoundRun, materials: Materials, folder: Path) -> None:
    """Mix a timeline's sound into ``folder``: a file for each target and, as ``run.key``, what is known of it (JSON).

    That is its loudness in LUFS, true peak in dBTP, its notes, and its waveform: pairs of the least and the largest
    sample, -1 to 1, for equal parts of the whole.
    """
    scratch = folder / "mixing"
    scratch.mkdir()
    audio = master(run.plan, materials, scratch=scratch, first=run.first, end=run.end)
    for target, key in run.targets:
        encoder = materials.catalogue.encoders[target.encoder]
        _encode(audio, encoder, target, folder / key, materials.catalogue)
    facts = {
        "loudness": audio.after.integrated,
        "true_peak": audio.after.true_peak,
        "notes": [f"{note.path}: {note.text}" for note in audio.notes],
        "waveform": waveform(audio.blocks(), count=audio.count, points=WAVEFORM_POINTS),
    }
    (folder / run.key).write_text(json.dumps(facts))
    audio.path.unlink()


def _encode(audio: RenderedAudio, encoder: Encoder, target: Target, path: Path, catalogue: Catalogue) -> None:
    sound_alone = replace(encoder, video=None, open=None)
    job = EncodeJob(
        path=path,
        width=0,
        height=0,
        fps=None,
        frames=0,
        has_audio=True,
        values=target.values,
        sample_rate=RATE,
    )
    session = open_session(sound_alone, job, catalogue=catalogue)
    try:
        for block in audio.blocks():
            session.write_audio(block)
        session.close()
    except BaseException:
        session.abort()
        raise
