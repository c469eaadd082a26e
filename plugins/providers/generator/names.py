"""Names: what the generator can make, with the settings of each, and how an id is read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from core.api import (
    AssetKind,
    InvalidInput,
    JsonValue,
    NotFound,
    Parameter,
    ParameterType,
    Values,
    did_you_mean,
    parse_values,
)
from plugins.providers.generator.movie import write_movie, write_still
from plugins.providers.generator.music import MOODS, write_music
from plugins.providers.generator.palettes import PALETTES
from plugins.providers.generator.patterns import PATTERNS, Pattern
from plugins.providers.generator.scenes import SCENES
from plugins.providers.generator.stopping import Check
from plugins.providers.generator.tones import TONES

LARGEST, LONGEST, FASTEST = 4096, 600, 60

type Make = Callable[[Values, Path, Check], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """One thing that can be made: ``make`` writes it with its settings to a path, and asks between whether to go on."""

    title: str
    description: str
    kind: AssetKind
    params: tuple[Parameter, ...]
    make: Make

    def extension(self, values: Values) -> str:
        """Return how the file's name ends."""
        match self.kind:
            case AssetKind.VIDEO:
                return "mp4"
            case AssetKind.IMAGE:
                return "png"
            case _:
                return values.text("format")


def _whole(name: str, default: int, least: int, most: int, unit: str = "") -> Parameter:
    return Parameter(
        name=name, title=name.title(), type=ParameterType.INT, default=default, minimum=least, maximum=most, unit=unit
    )


SIZE = (_whole("width", 1920, 16, LARGEST, "px"), _whole("height", 1080, 16, LARGEST, "px"))
SEED = _whole("seed", 1, 0, 1_000_000)
PALETTE = Parameter(name="palette", title="Palette", type=ParameterType.CHOICE, default="dusk", choices=tuple(PALETTES))
DURATION = Parameter(name="duration", title="Duration", default=8.0, minimum=0.1, maximum=LONGEST, unit="s")
FPS = _whole("fps", 30, 1, FASTEST)
FORMAT = Parameter(name="format", title="Format", type=ParameterType.CHOICE, default="wav", choices=("wav", "flac"))
SCENE = Parameter(name="scene", title="Scene", type=ParameterType.CHOICE, default="hills", choices=tuple(SCENES))
AT = Parameter(name="at", title="At", default=0.0, minimum=0.0, maximum=LONGEST, unit="s")


def _scenes() -> dict[str, Maker]:
    return {
        name: Maker(
            title=scene.title,
            description=f"moving scene, video: {scene.description}",
            kind=AssetKind.VIDEO,
            params=(*SIZE, DURATION, FPS, SEED, PALETTE),
            make=partial(write_movie, scene),
        )
        for name, scene in SCENES.items()
    }


def _patterns() -> dict[str, Maker]:
    return {
        name: Maker(
            title=pattern.title,
            description=f"still pattern, image: {pattern.description}",
            kind=AssetKind.IMAGE,
            params=(*SIZE, SEED, *pattern.params),
            make=partial(_write_pattern, pattern),
        )
        for name, pattern in PATTERNS.items()
    }


def _write_pattern(pattern: Pattern, values: Values, path: Path, _: Check) -> None:
    write_still(pattern.draw(values), path)


def _stills() -> dict[str, Maker]:
    still = Maker(
        title="Still",
        description="still of a moving scene, image: " + ", ".join(SCENES),
        kind=AssetKind.IMAGE,
        params=(SCENE, *SIZE, AT, SEED, PALETTE),
        make=_write_scene_still,
    )
    return {"still": still}


def _write_scene_still(values: Values, path: Path, _: Check) -> None:
    shot = SCENES[values.text("scene")].open(
        width=int(values.number("width")),
        height=int(values.number("height")),
        palette=values.text("palette"),
        seed=int(values.number("seed")),
        duration=values.number("at"),
    )
    write_still(shot.draw(values.number("at")), path)


def _sounds() -> dict[str, Maker]:
    tones = {
        name: Maker(
            title=tone.title,
            description=f"sound: {tone.description}",
            kind=AssetKind.AUDIO,
            params=(DURATION, FORMAT, *tone.params),
            make=tone.write,
        )
        for name, tone in TONES.items()
    }
    music = Maker(
        title="Music bed",
        description="sound: calm music to lie under a voice",
        kind=AssetKind.AUDIO,
        params=(
            Parameter(name="mood", title="Mood", type=ParameterType.CHOICE, default="warm", choices=tuple(MOODS)),
            Parameter(name="bpm", title="Tempo", default=92.0, minimum=40.0, maximum=200.0, unit="bpm"),
            DURATION,
            FORMAT,
            SEED,
        ),
        make=write_music,
    )
    return {**tones, "music": music}


MAKERS: dict[str, Maker] = {**_scenes(), **_stills(), **_patterns(), **_sounds()}


def read_id(asset_id: str) -> tuple[str, Maker, Values]:
    """Take an id apart; raise ``NotFound`` for an unknown name and ``InvalidInput`` for a wrong setting."""
    name, _, query = asset_id.partition("?")
    maker = MAKERS.get(name)
    if maker is None:
        raise NotFound(
            f'the generator makes no "{name}"{did_you_mean(name, MAKERS)}', hint=f"it makes {', '.join(MAKERS)}"
        )
    given = {}
    for setting in filter(None, query.split("&")):
        key, equals, text = setting.partition("=")
        if not equals:
            raise InvalidInput(f'"{setting}" is no setting; write key=value', path=f"{name}?{key}")
        given[key] = _read(maker, key, unquote(text), f"{name}?{key}")
    values, complaints = parse_values(maker.params, given, path=name)
    if complaints:
        first = complaints[0]
        raise InvalidInput(f"{first.path}: {first}", path=first.path)
    return name, maker, values


def _read(maker: Maker, key: str, text: str, path: str) -> JsonValue:
    """Turn a setting's text into the JSON value that its parameter expects."""
    parameter = next((each for each in maker.params if each.name == key), None)
    if parameter is None or parameter.type not in (ParameterType.INT, ParameterType.FLOAT):
        return text
    try:
        return int(text) if parameter.type is ParameterType.INT else float(text)
    except ValueError as err:
        raise InvalidInput(f'{path}: "{text}" is no number', path=path) from err
