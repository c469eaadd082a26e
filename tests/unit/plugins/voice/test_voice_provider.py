import asyncio
import json
import subprocess
import sys
import tomllib
from importlib.resources import files
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import webvtt
from recordings import new_folder, provider_in, read_wave, sounding

from core.api import AssetKind, InvalidInput, MediaError, NotFound, NotReady, Search
from plugins.providers.voice import studio, worker
from plugins.providers.voice.provider import reelhouse_asset_providers

TEXT = "We met Dr. Smith there. It is 2026!"
LIST = "seven, table, garden, window, paper, castle, people, kitchen, morning, picture."


async def test_speech_is_heard_between_its_silences(tmp_path: Path) -> None:
    provider = provider_in(tmp_path)
    asset = await provider.fetch(f"speech?text={TEXT}&lead=0.5&tail=0.4", new_folder(tmp_path, "out"))
    assert asset.kind is AssetKind.AUDIO
    assert asset.licence.id == "CC0-1.0"
    assert asset.extra["voice"] == "en_US-joe-medium"
    samples, rate = read_wave(asset.path)
    assert rate == 22_050
    heard = sounding(samples, rate, pause=0.3)
    assert heard[0][0] == pytest.approx(0.52, abs=0.05)
    assert len(samples) / rate - heard[-1][1] == pytest.approx(0.42, abs=0.08)
    assert len(heard) == 2
    assert 0.3 < heard[1][0] - heard[0][1] < 0.55
    assert np.abs(samples).max() == pytest.approx(10 ** (-3 / 20), abs=0.01)


async def test_the_same_id_gives_the_same_bytes_even_in_another_house(tmp_path: Path) -> None:
    contents = []
    for house in ("a", "b"):
        folder = new_folder(tmp_path, house)
        asset = await provider_in(folder).fetch("speech?text=Same again.", new_folder(folder, "out"))
        contents.append(asset.path.read_bytes())
    assert contents[0] == contents[1]


async def test_captions_follow_the_speech_word_by_word(tmp_path: Path) -> None:
    provider = provider_in(tmp_path)
    query = f"text={LIST}&lead=0.5&rate=0.8"
    speech = await provider.fetch(f"speech?{query}", new_folder(tmp_path, "speech"))
    captions = await provider.fetch(f"captions?{query}", new_folder(tmp_path, "captions"))
    assert captions.kind is AssetKind.CAPTIONS
    text = captions.path.read_text("utf-8")
    assert " ".join(cue.text for cue in webvtt.from_buffer(StringIO(text))) == LIST
    starts = word_starts(text)
    samples, rate = read_wave(speech.path)
    heard = [start for start, _ in sounding(samples, rate, pause=0.13)]
    assert len(starts) == len(heard) == 10
    errors = np.abs(np.array(starts) - np.array(heard))
    assert errors.mean() < 0.03
    assert errors.max() < 0.1


def word_starts(text: str) -> list[float]:
    starts = []
    for line in text.splitlines():
        if "-->" in line:
            starts.append(seconds(line.split(" ")[0]))
        else:
            starts += [seconds(part.split(">")[0]) for part in line.split("<")[1:]]
    return starts


def seconds(stamp: str) -> float:
    hours, minutes, rest = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


async def test_a_faster_rate_is_shorter(tmp_path: Path) -> None:
    provider = provider_in(tmp_path)
    lengths = []
    for rate in ("0.7", "1.4"):
        asset = await provider.fetch(f"speech?text=Faster and faster we go.&rate={rate}", new_folder(tmp_path, rate))
        lengths.append(len(read_wave(asset.path)[0]))
    assert lengths[0] / lengths[1] == pytest.approx(2, abs=0.3)


async def test_a_language_without_a_piper_voice_is_spoken_by_espeak_with_its_words_in_time(tmp_path: Path) -> None:
    provider = provider_in(tmp_path)
    query = "text=Un, deux, trois, jardin, fenêtre, château.&voice=fr&lead=0.3"
    speech = await provider.fetch(f"speech?{query}", new_folder(tmp_path, "speech"))
    captions = await provider.fetch(f"captions?{query}", new_folder(tmp_path, "captions"))
    assert speech.extra["voice"] == "espeak-fr"
    assert speech.licence.id == "LicenseRef-eSpeak-NG-output"
    samples, rate = read_wave(speech.path)
    heard = [start for start, _ in sounding(samples, rate, pause=0.13)]
    starts = word_starts(captions.path.read_text("utf-8"))
    assert len(starts) == len(heard) == 6
    assert np.abs(np.array(starts) - np.array(heard)).max() < 0.08


async def test_the_configured_voice_speaks_where_none_is_named(tmp_path: Path) -> None:
    asset = await provider_in(tmp_path, voice="es").fetch("speech?text=Hola.", new_folder(tmp_path, "out"))
    assert asset.extra["voice"] == "espeak-es"


async def test_speech_and_captions_of_one_text_are_spoken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []

    async def count_runs(folder: Path) -> None:
        runs.append(folder)
        await original(folder)

    original = studio._run_worker
    monkeypatch.setattr(studio, "_run_worker", count_runs)
    provider = provider_in(tmp_path)
    folders = [new_folder(tmp_path, name) for name in ("speech", "captions")]
    ids = ("speech?text=Once.&voice=fr", "captions?text=Once.&voice=fr")
    await asyncio.gather(*(provider.fetch(each, folder) for each, folder in zip(ids, folders, strict=True)))
    assert len(runs) == 1


async def test_two_houses_that_share_a_folder_speak_the_same_text_at_once(tmp_path: Path) -> None:
    providers = [provider_in(tmp_path), provider_in(tmp_path)]
    folders = [new_folder(tmp_path, name) for name in ("a", "b")]
    fetches = (each.fetch("speech?text=Ensemble.&voice=fr", to) for each, to in zip(providers, folders, strict=True))
    first, second = await asyncio.gather(*fetches)
    assert first.path.read_bytes() == second.path.read_bytes()
    assert len(list((tmp_path / "own" / "spoken").iterdir())) == 1


def test_a_provider_serves_one_event_loop_after_another(tmp_path: Path) -> None:
    provider = provider_in(tmp_path)

    async def both(name: str) -> None:
        ids = (f"speech?text={name}&voice=fr", f"captions?text={name}&voice=fr")
        folder = new_folder(tmp_path, name)
        await asyncio.gather(*(provider.fetch(each, folder) for each in ids))

    for name in ("un", "deux"):
        asyncio.run(both(name))
    assert len(files_in(tmp_path / "deux")) == 2


@pytest.mark.parametrize(
    ("asset_id", "error", "message"),
    [
        ("speech?text=Hi&vois=x", InvalidInput, "unknown key"),
        ("speech?text=Hi&voice=nobody-at-all", NotFound, "no voice"),
        ("speech?text=...", MediaError, "there is no word in the text"),
        ("speech?text=Hi&voice=espeak-zz", MediaError, 'eSpeak NG does not speak "zz"'),
        ("speech?text=Hi&voice=en_US-joe-medium:ann", MediaError, 'the voice has no speaker "ann"'),
    ],
)
async def test_what_can_not_be_said_is_refused_and_nothing_is_kept(
    tmp_path: Path, asset_id: str, error: type[Exception], message: str
) -> None:
    folder = new_folder(tmp_path, "out")
    with pytest.raises(error, match=message):
        await provider_in(tmp_path).fetch(asset_id, folder)
    assert list(folder.iterdir()) == []
    assert files_in(tmp_path) == []


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_an_engine_that_breaks_is_not_ready_and_nothing_is_kept(tmp_path: Path) -> None:
    broken = tmp_path / "libespeak-ng.so"
    broken.write_text("not a library")
    provider = provider_in(tmp_path, espeak_library=str(broken))
    with pytest.raises(NotReady, match="the voice failed: OSError"):
        await provider.fetch("speech?text=Hi&voice=fr", new_folder(tmp_path, "out"))
    assert list((tmp_path / "own" / "spoken").iterdir()) == []


async def test_without_piper_the_voice_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "is_piper_installed", lambda: False)
    with pytest.raises(NotReady) as caught:
        await provider_in(tmp_path).fetch("speech?text=Hi", new_folder(tmp_path, "out"))
    assert "reelhouse[voice]" in (caught.value.hint or "")


async def test_a_fetch_that_is_cancelled_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = asyncio.Event()
    original = studio._run_worker

    async def tell(folder: Path) -> None:
        started.set()
        await original(folder)

    monkeypatch.setattr(studio, "_run_worker", tell)
    fetch = asyncio.create_task(provider_in(tmp_path).fetch("speech?text=Hi", new_folder(tmp_path, "out")))
    await started.wait()
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    assert files_in(tmp_path) == []


async def test_only_the_latest_recordings_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "KEPT", 2)
    provider = provider_in(tmp_path)
    for word in ("un", "deux", "trois"):
        await provider.fetch(f"speech?text={word}&voice=fr", new_folder(tmp_path, word))
    kept = [worker_job(path) for path in (tmp_path / "own" / "spoken").iterdir()]
    assert sorted(kept) == ["deux", "trois"]


def worker_job(folder: Path) -> str:
    return json.loads((folder / worker.JOB).read_text())["text"]


async def test_search_lists_the_voices_as_speech_to_listen_to(tmp_path: Path) -> None:
    provider = provider_in(tmp_path)
    page = await provider.search(Search(text="joe", kind=AssetKind.AUDIO))
    [offer] = page.offers
    assert page.total == 1
    assert offer.licence.id == "CC0-1.0"
    assert offer.id == "speech?text=Hello! This is how I sound.&voice=en_US-joe-medium"
    assert (await provider.search(Search(text="nobody", kind=AssetKind.AUDIO))).offers == ()
    assert (await provider.search(Search(text="", kind=AssetKind.IMAGE))).offers == ()
    assert (await provider.search(Search(text="", kind=AssetKind.AUDIO, page=2))).offers == ()
    await provider.close()


def test_the_manifest_declares_what_the_hook_does() -> None:
    manifest = tomllib.loads(files("plugins.providers.voice").joinpath("plugin.toml").read_text("utf-8"))
    [declared] = reelhouse_asset_providers()
    assert manifest["contributes"] == {"asset_providers": [declared.id]}
    assert manifest["module"] == reelhouse_asset_providers.__module__
    assert declared.is_deterministic
    assert declared.kinds == {AssetKind.AUDIO, AssetKind.CAPTIONS}


def test_the_engines_are_loaded_by_the_worker_alone() -> None:
    """Piper and eSpeak NG are under the GPL, large, and full of globals."""
    code = "import sys, plugins.providers.voice.provider; print({'piper', 'onnxruntime', 'pydub'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
