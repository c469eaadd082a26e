"""Catalogues: documents that offer plugins, signed by a publisher; a folder with one and its wheels is a market stall.

catalogue.json       {"schema": 1, "name": …, "plugins": [{"wheel": …, "sha256": …, …}]}
catalogue.json.sig   whose word that is
*.whl, *.whl.sig     what it offers
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version
from pydantic import BaseModel, Field, ValidationError

from core.api import API_VERSION, InvalidInput, NotFound
from core.host.kinds import Kind
from core.market.failures import Untrusted
from core.market.publishers import Publishers
from core.market.wheel import Wheel, read_wheel

FILENAME = "catalogue.json"
MOST_BYTES = 16 * 2**20

_Line = Annotated[str, Field(max_length=500)]
_File = Annotated[str, Field(max_length=255, pattern=r"^[^/\\]+$")]


class Offer(BaseModel, extra="ignore", frozen=True):
    """A version of a plugin that a catalogue offers. ``size`` in bytes, ``screenshots`` are files beside it."""

    id: _Line
    name: _Line
    version: _Line
    description: _Line
    publisher: _Line
    licence: _Line
    icon: _Line = "plug"
    api: _Line
    fits: bool = Field(default=True, description="Whether it works with this installation.")
    contributes: dict[Kind, tuple[str, ...]] = {}
    hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    wheel: _File
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]
    screenshots: tuple[_File, ...] = ()


class _Document(BaseModel, extra="ignore", frozen=True):
    schema_: Literal[1] = Field(alias="schema")
    name: _Line
    plugins: tuple[Offer, ...]


class Catalogue:
    """A catalogue that was read and whose word counts; ``publisher`` gave it."""

    def __init__(self, folder: Path, publishers: Publishers) -> None:
        """Read the catalogue in a folder; raise ``Untrusted``, ``InvalidInput``."""
        path = folder / FILENAME
        if not path.is_file():
            raise InvalidInput(f"there is no {FILENAME} in {folder}", path=str(path))
        self.publisher = publishers.verify(path)
        document = _read(path)
        self.name = document.name
        self.offers = tuple(each.model_copy(update={"fits": _fits(each.api)}) for each in document.plugins)
        self._folder = folder

    def offer(self, plugin_id: str, version: str = "") -> Offer:
        """Return what is offered of a plugin: a version, else the newest that works here. Raise ``NotFound``."""
        wanted = [
            each for each in self.offers if each.id == plugin_id and (each.version == version if version else each.fits)
        ]
        if not wanted:
            raise NotFound(f"{self.name} offers no {plugin_id} {version}".rstrip())
        return max(wanted, key=lambda each: Version(each.version))

    def wheel(self, offer: Offer) -> Path:
        """Return an offer's file; raise ``Untrusted`` if it is not what the catalogue says."""
        path = self._folder / offer.wheel
        if not path.is_file():
            raise NotFound(f"{offer.wheel} does not lie beside the catalogue")
        if read_wheel(path).sha256 != offer.sha256:
            raise Untrusted(f"{offer.wheel} is not what the catalogue says")
        return path


def write_catalogue(folder: Path, name: str, wheels: Iterable[Path]) -> Path:
    """Write the catalogue of a folder's wheels, to be signed then; raise what ``read_wheel`` does."""
    offers = [_offer(read_wheel(path)).model_dump(mode="json", exclude={"fits"}) for path in sorted(wheels)]
    path = folder / FILENAME
    document = {"schema": 1, "name": name, "plugins": offers}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _read(path: Path) -> _Document:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"is larger than {MOST_BYTES} bytes", path=str(path))
        return _Document.model_validate_json(path.read_bytes())
    except ValidationError as err:
        first = err.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidInput(f"{place}: {first['msg']}", path=str(path)) from err


def _fits(api: str) -> bool:
    try:
        return SpecifierSet(api).contains(API_VERSION, prereleases=True)
    except InvalidSpecifier:
        return False


def _offer(wheel: Wheel) -> Offer:
    manifest = wheel.manifest
    return Offer(
        id=manifest.id,
        name=manifest.name,
        version=wheel.version,
        description=manifest.description,
        publisher=manifest.publisher,
        licence=manifest.licence,
        icon=manifest.icon,
        api=manifest.api,
        contributes=dict(manifest.contributes),
        hosts=manifest.net,
        secrets=manifest.secrets,
        wheel=wheel.path.name,
        sha256=wheel.sha256,
        size=wheel.size,
    )
