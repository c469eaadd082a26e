"""The generator makes what its ids say, the same each time, and says what is wrong with others."""

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.api import AssetKind, Cancelled, InvalidInput, NotFound, PluginContext, Search, Values
from core.media.audio import measure_loudness
from core.media.probe import probe
from plugins.providers.generator import Generator
from plugins.providers.generator.music import MOODS
from plugins.providers.generator.names import MAKERS, read_id
from plugins.providers.generator.palettes import PALETTES
from plugins.providers.generator.patterns import PATTERNS
from plugins.providers.generator.scenes import SCENES
from plugins.providers.generator.tones import TONES


def make(asset_id: str, folder: Path, name: str = "made") -> Path:
    _, maker, values = read_id(asset_id)
    path = folder / f"{name}.{maker.extension(values)}"
    maker.make(values, path, lambda: None)
    return path


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_moves_is_of_its_size_and_the_same_each_time(tmp_path: Path, name: str) -> None:
    asset_id = f"{name}?width=320&height=180&duration=0.5&fps=20&seed=3"
    first = make(asset_id, tmp_path, "first")
    described = probe(first)
    assert (described.width, described.height, described.fps, described.has_audio) == (320, 180, 20, False)
    frames = frames_of(first)
    assert len(frames) == 10
    assert frames[0].std() > 8
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 0.5
    assert first.read_bytes() == make(asset_id, tmp_path, "second").read_bytes()


@pytest.mark.parametrize("palette", PALETTES)
def test_a_palette_gives_a_scene_its_colours(tmp_path: Path, palette: str) -> None:
    path = make(f"hills?palette={palette}&width=160&height=90&duration=0.1", tmp_path)
    with av.open(str(path)) as container:
        rgb = next(container.decode(video=0)).to_ndarray(format="rgb24").reshape(-1, 3).mean(axis=0)
    spread = float(rgb.max() - rgb.min())
    assert (spread < 12) is (palette == "mono")


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_made_of_its_two_colours(tmp_path: Path, name: str) -> None:
    path = make(f"{name}?width=200&height=100&from=%23000000&to=%23ff0000", tmp_path)
    with Image.open(path) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (100, 200, 3)
    assert pixels[:, :, 0].min() <= 3
    assert pixels[:, :, 0].max() >= 252
    assert pixels[:, :, 1:].max() == 0


@pytest.mark.parametrize("name", TONES)
def test_a_tone_lasts_as_long_as_it_should(tmp_path: Path, name: str) -> None:
    described = probe(make(f"{name}?duration=0.5", tmp_path))
    assert described.duration == pytest.approx(0.5)
    assert (described.sample_rate, described.channels) == (48_000, 2)


def samples_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])[::2] / 32768


def test_a_tone_has_its_pitch_and_level(tmp_path: Path) -> None:
    samples = samples_of(make("tone?hz=1000&duration=1&level=-6", tmp_path))
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert int(spectrum.argmax()) == 1000
    assert np.abs(samples).max() == pytest.approx(10 ** (-6 / 20), abs=0.002)


@pytest.mark.parametrize("mood", MOODS)
def test_music_lies_low_does_not_clip_and_ends_in_silence(tmp_path: Path, mood: str) -> None:
    path = make(f"music?mood={mood}&duration=12&seed=5", tmp_path)
    loudness = measure_loudness(path)
    assert loudness.integrated == pytest.approx(-20, abs=2.5)
    assert loudness.true_peak is not None
    assert loudness.true_peak < -3
    samples = samples_of(path)
    assert np.abs(samples[:240]).max() < 0.02
    assert np.abs(samples[-240:]).max() < 0.02
    assert np.abs(np.diff(samples)).max() < 0.25


def test_another_seed_is_another_tune(tmp_path: Path) -> None:
    one, two = (make(f"music?duration=6&seed={seed}", tmp_path, str(seed)) for seed in (1, 2))
    assert one.read_bytes() != two.read_bytes()


@pytest.mark.parametrize(
    ("asset_id", "message"),
    [
        ("hills?pallete=dusk", r'unknown parameter "pallete", did you mean "palette"\?'),
        ("hills?palette=dusky", r'unknown .dusky., did you mean "dusk"\?'),
        ("hills?width=9999", r"must be at most 4096"),
        ("hills?duration=9999", r"must be at most 600"),
        ("hills?width=wide", r'hills\?width: "wide" is no number'),
        ("hills?palette", r'"palette" is no setting'),
        ("gradient?from=red", r"not a colour"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_made(asset_id: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_id(asset_id)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(NotFound, match=r'no "hill", did you mean "hills"\?'):
        read_id("hill")


async def test_the_provider_delivers_with_its_licence_and_lists_what_it_makes(tmp_path: Path) -> None:
    generator = Generator(PluginContext(plugin_id="reelhouse.generator", folder=tmp_path))
    asset = await generator.fetch("gradient?width=32&height=32", tmp_path)
    assert (asset.kind, asset.licence.id, asset.path.name) == (AssetKind.IMAGE, "CC0-1.0", "gradient.png")
    page = await generator.search(Search(text="night", kind=AssetKind.VIDEO))
    assert [offer.id for offer in page.offers] == ["aurora", "city"]
    kinds = [await generator.search(Search(text="", kind=kind, per_page=100)) for kind in AssetKind]
    assert sum(page.total or 0 for page in kinds) == len(MAKERS)


@pytest.mark.parametrize("name", ["tone", "music"])
def test_flac_holds_the_same_sound_as_wav(tmp_path: Path, name: str) -> None:
    wav, flac = (make(f"{name}?duration=5&format={each}", tmp_path, each) for each in ("wav", "flac"))
    assert flac.suffix == ".flac"
    assert flac.stat().st_size < wav.stat().st_size
    with av.open(str(flac)) as container:
        assert container.streams.audio[0].codec_context.name == "flac"
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    assert np.array_equal(np.concatenate(frames)[::2] / 32768, samples_of(wav))


def test_a_still_is_the_picture_of_a_scene_at_a_time(tmp_path: Path) -> None:
    with Image.open(make("still?scene=city&at=2&width=320&height=180&seed=3", tmp_path)) as image:
        still = np.asarray(image.convert("L"), float)
    film = frames_of(make("city?width=320&height=180&seed=3&duration=2.1&fps=10", tmp_path, "film"))
    assert still.shape == (180, 320)
    assert still.std() > 8
    assert still.mean() == pytest.approx(film[20].mean(), abs=6)


def test_a_radial_gradient_grows_from_its_centre(tmp_path: Path) -> None:
    asset_id = "gradient?shape=radial&width=200&height=100&from=%23000000&to=%23ffffff"
    with Image.open(make(asset_id, tmp_path)) as image:
        row = np.asarray(image.convert("L"), int)[50]
    assert row[100] <= 3
    assert (np.diff(row[100:]) >= 0).all()
    assert np.abs(row[:100] - row[:99:-1]).max() <= 3


def test_a_long_sound_is_made_in_pieces_that_fit_together(tmp_path: Path) -> None:
    samples = samples_of(make("tone?hz=100&duration=9&level=0", tmp_path))
    assert len(samples) == 9 * 48_000
    assert np.abs(np.diff(samples)).max() < 2 * np.pi * 100 / 48_000 * 1.02


@pytest.mark.parametrize(
    "asset_id", ["music?duration=600", "tone?duration=600", "hills?duration=600&width=64&height=36"]
)
async def test_work_ends_when_nobody_waits_for_it(
    tmp_path: Path, asset_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, maker, _ = read_id(asset_id)
    began, ended = threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def watched(values: Values, path: Path, check: Callable[[], None]) -> None:
        def tell_and_check() -> None:
            began.set()
            check()

        try:
            maker.make(values, path, tell_and_check)
        except Cancelled as err:
            raised.append(err)
        ended.set()

    monkeypatch.setitem(MAKERS, name, replace(maker, make=watched))
    generator = Generator(PluginContext(plugin_id="reelhouse.generator", folder=tmp_path))
    fetch = asyncio.create_task(generator.fetch(asset_id, tmp_path))
    await asyncio.to_thread(began.wait)
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    await asyncio.to_thread(ended.wait)
    assert len(raised) == 1


def test_the_readme_names_all_that_can_be_made_and_every_setting() -> None:
    text = files("plugins.providers.generator").joinpath("README.md").read_text("utf-8")
    named = set(re.findall(r"`([\w-]+)`", text))
    for name, maker in MAKERS.items():
        assert name in named
        assert {parameter.name for parameter in maker.params} <= named, name
    assert set(PALETTES) <= named
    for asset_id in re.findall(r"provider:generator/([^\"]+)", text):
        read_id(asset_id)
