"""Mastering: what is delivered keeps its true peak as it is decoded, and is encoded no oftener than that takes."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.api import Catalogue, Encoder
from core.media.audio import measure_loudness
from core.media.layers.opening import Materials
from core.render import mastering
from core.render.ingredients import Ingredients
from core.render.mastering import master
from core.render.sounds import mix_run
from core.render.work import SoundRun, Target
from core.timeline.plan import AudioClip, AudioMix, Plan
from plugins.encoders.audio import MP3
from plugins.encoders.h26x.h264 import H264
from tests.support.copying import planned
from tests.support.plans import materials_of, plan_of

RATE = 48_000
SECONDS = 4
CEILING = -1.0


def write_beats(path: Path, level: float) -> Path:
    """Write clipped noise in beats, the hardest a codec can be given."""
    noise = np.random.default_rng(7).normal(0, 1, (SECONDS * RATE, 2))
    beat = np.exp(-(np.arange(SECONDS * RATE) % (RATE // 4)) / 900)[:, None]
    samples = (np.clip(noise * beat, -1, 1) * level * 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE)
        stream.codec_context.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = RATE, 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def sounding(folder: Path, *encoders: Encoder, level: float = 1.0) -> tuple[Plan, Materials]:
    """Return a plan of beats in the first encoder, with a rendition in each of the others."""
    materials = materials_of(write_beats(folder / "beats.wav", level))
    materials = replace(materials, catalogue=Catalogue(encoders={each.id: each for each in encoders}))
    clip = AudioClip(id="", path="", start=Fraction(0), duration=Fraction(SECONDS), source="file:beats.wav")
    mix = AudioMix(duration=Fraction(SECONDS), clips=(clip,), loudness=None, true_peak=CEILING)
    rates = {H264.id: {"audio_kbit": 96}, MP3.id: {"kbit": 96}}
    first, *others = (planned(plan_of(frames=30 * SECONDS), each, **rates[each.id]) for each in encoders)
    return replace(first, audio=mix, renditions=tuple(others)), materials


def test_the_true_peak_holds_in_all_that_is_delivered(tmp_path: Path) -> None:
    plan, materials = sounding(tmp_path, H264, MP3)
    mastered = master(plan, materials, scratch=tmp_path)
    assert {encoder for encoder, _ in mastered.encoded} == {"mp4-h264", "mp3"}
    peaks = [measure_loudness(path).true_peak for path in mastered.encoded.values()]
    assert all(peak is not None and -4 < peak <= CEILING for peak in peaks)
    once = master(replace(plan, audio=replace(plan.audio, true_peak=3.0)), materials, scratch=made(tmp_path / "once"))
    assert max(measure_loudness(path).true_peak or -99 for path in once.encoded.values()) > CEILING


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_what_was_measured_is_delivered_and_not_encoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, materials = sounding(tmp_path, H264, H264)
    encodings: list[Path] = []
    encode = mastering.encode_sound

    def counted(*arguments: object, **named: object) -> Path:
        encodings.append(path := encode(*arguments, **named))  # type: ignore[arg-type]  # handed on as they came
        return path

    monkeypatch.setattr(mastering, "encode_sound", counted)
    target = Target(encoder=H264.id, values=plan.output.values, width=320, height=180)
    ingredients = Ingredients(media=materials.media, versions={})
    run = SoundRun(
        plan=plan, ingredients=ingredients, key="facts", first=Fraction(0), end=None, targets=((target, "sound"),)
    )
    mix_run(run, materials, made(tmp_path / "work"))
    rounds = len(list((tmp_path / "work" / "mixing").glob("mix-*")))
    assert len(encodings) == rounds  # once a round, though two files have this sound
    delivered = measure_loudness(tmp_path / "work" / "sound")
    assert delivered.true_peak is not None
    assert delivered.true_peak <= CEILING
    assert json.loads((tmp_path / "work" / "facts").read_bytes())["true_peak"] <= CEILING


def test_a_soft_sound_needs_no_trial(tmp_path: Path) -> None:
    plan, materials = sounding(tmp_path, H264, level=0.3)
    mastered = master(plan, materials, scratch=tmp_path)
    assert mastered.encoded == {}
    assert [path.name for path in tmp_path.glob("mix-*")] == ["mix-0"]
