"""The manifest of a plugin, ``plugin.toml``: read and checked without importing any of the plugin's code."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from core.api import API_VERSION, InvalidInput, did_you_mean
from core.host.kinds import Kind

FILENAME = "plugin.toml"
MOST_BYTES = 64 * 1024

PLUGIN_ID = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z0-9]+)*")
_CONTRIBUTION_ID = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9][a-z0-9_-]*)*")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
FROM_CONFIG = "config:"
"""What a host begins with that a parameter of the configuration gives, as an address or as ``host:port``."""
ANY_HOST = "*:443"
"""What stands for all of the public internet, for services that only tell where things are."""
_HOST = re.compile(r"(?:[a-z0-9-]+\.)*[a-z0-9-]+:[0-9]{1,5}|config:[a-z][a-z0-9_]*|\*:443")
_SECRET = re.compile(r"[a-z][a-z0-9_]*")
_ICON = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class ManifestInvalid(InvalidInput):
    """A manifest can't be used; ``complaints`` holds everything that is wrong with it, each with its key."""

    code = "manifest_invalid"

    def __init__(self, complaints: tuple[InvalidInput, ...]) -> None:
        super().__init__(
            "; ".join(f"{complaint.path}: {complaint}" for complaint in complaints),
            path=FILENAME,
            hint="docs/plugins.md describes every key",
        )
        self.complaints = complaints


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a plugin says of itself. ``contributes`` holds contribution ids by kind, without empty kinds.

    ``net`` lists the hosts the plugin calls (``host:port``, ``config:`` and the name of a parameter, or ``ANY_HOST``),
    ``secrets`` the names of the secrets it needs.
    ``listens`` is true when it has hooks for events: it is then loaded to be told of them.
    """

    id: str
    name: str
    version: str
    api: str
    description: str
    licence: str
    publisher: str
    icon: str
    module: str
    net: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    listens: bool = False
    contributes: Mapping[Kind, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def fits_this_api(self) -> bool:
        """True when the plugin's api range holds the ``core.api`` of this installation."""
        return SpecifierSet(self.api).contains(API_VERSION, prereleases=True)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all contributions."""
        return frozenset(id_ for ids in self.contributes.values() for id_ in ids)


def _shaped(pattern: re.Pattern[str], wanted: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"{text!r} is not {wanted}")
        return text

    return AfterValidator(check)


def _version(text: str) -> str:
    try:
        Version(text)
    except InvalidVersion as err:
        raise ValueError(f"{text!r} is not a version like 1.0 or 2.3.1") from err
    return text


def _api_range(text: str) -> str:
    try:
        given = SpecifierSet(text)
    except InvalidSpecifier as err:
        raise ValueError(f'{text!r} is not a range like ">=1.0,<2"') from err
    if not list(given):
        raise ValueError('must not be empty; write a range like ">=1.0,<2"')
    return text


def _distinct(ids: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands there twice")
    return ids


type _Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")]
type _ContributionId = Annotated[
    str, _shaped(_CONTRIBUTION_ID, "a contribution's id (lower-case words joined by dots, like color.grade)")
]
type _Ids = Annotated[tuple[_ContributionId, ...], AfterValidator(_distinct)]
type _Host = Annotated[str, _shaped(_HOST, "a host with its port, like api.acme.example:443, or config:base_url")]
type _Secret = Annotated[str, _shaped(_SECRET, "a secret's name, like api_key")]


class _Table(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True, frozen=True)


class _Capabilities(_Table):
    net: tuple[_Host, ...] = Field(
        default=(),
        strict=False,
        description="Hosts it calls, like api.acme.example:443; config:base_url is the one that parameter gives, "
        "*:443 any public one.",
    )
    secrets: tuple[_Secret, ...] = Field(default=(), strict=False, description="Names of the secrets it needs.")


class _Contributes(_Table):
    effects: _Ids = Field(default=(), strict=False, description="What a clip's `effects` use.")
    transitions: _Ids = Field(default=(), strict=False, description="What a clip's `transition` uses.")
    animations: _Ids = Field(default=(), strict=False, description="What `enter` and `exit` use.")
    encoders: _Ids = Field(default=(), strict=False, description="What `output.encoder` names.")
    asset_providers: _Ids = Field(default=(), strict=False, description="What `provider:<id>/…` names.")
    storage_backends: _Ids = Field(default=(), strict=False, description="Where finished videos may lie.")


class ManifestModel(_Table):
    """The shape of ``plugin.toml``; ``ManifestModel.model_json_schema()`` is its JSON Schema."""

    schema_: Literal[1] = Field(alias="schema", description="The version of this format: 1.")
    id: Annotated[str, _shaped(PLUGIN_ID, "a plugin's id (lower-case words joined by dots, like acme.negative)")] = (
        Field(description="Your distribution's name with dots for dashes: acme-negative is acme.negative.")
    )
    name: _Line = Field(description="What people read.")
    version: Annotated[str, AfterValidator(_version)] = Field(
        description="The plugin's version. Raise it when pictures change: finished segments are kept by it."
    )
    api: Annotated[str, AfterValidator(_api_range)] = Field(
        description='The range of core.api versions it works with, like ">=1.0,<2".'
    )
    description: _Line = Field(description="One line.")
    licence: _Line = Field(description="An SPDX identifier.")
    publisher: _Line = Field(description="Who makes it.")
    icon: Annotated[str, _shaped(_ICON, "a Tabler icon's name, like palette")] = Field(
        default="plug", description="A Tabler icon's name."
    )
    module: Annotated[str, _shaped(_MODULE, "a module's dotted name")] = Field(
        description="The module with the @hookimpl functions; imported only when it is needed."
    )
    listens: bool = Field(
        default=False,
        description="Whether it has hooks for events: it is then imported to be told. "
        "One that contributes nothing always is.",
    )
    capabilities: _Capabilities = Field(default=_Capabilities(), description="What it may use beside its input.")
    contributes: _Contributes = Field(
        default=_Contributes(), description="Contribution ids by kind; exactly those that the hooks declare."
    )


def read_manifest(path: Path) -> Manifest:
    """Read a ``plugin.toml``; raise ``ManifestInvalid`` with everything that is wrong."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ManifestInvalid((InvalidInput(f"is larger than {MOST_BYTES} bytes", path=FILENAME),))
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise ManifestInvalid((InvalidInput(f"can't be read: {err}", path=FILENAME),)) from err
    return parse_manifest(text)


def parse_manifest(text: str) -> Manifest:
    """Read a manifest's text; raise ``ManifestInvalid`` with everything that is wrong."""
    try:
        read = ManifestModel.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as err:
        raise ManifestInvalid((InvalidInput(f"is not TOML: {err}", path=FILENAME),)) from err
    except ValidationError as err:
        raise ManifestInvalid(tuple(_complaints(err))) from err
    listed = {kind: getattr(read.contributes, kind.value) for kind in Kind}
    return Manifest(
        id=read.id,
        name=read.name,
        version=read.version,
        api=read.api,
        description=read.description,
        licence=read.licence,
        publisher=read.publisher,
        icon=read.icon,
        module=read.module,
        net=read.capabilities.net,
        secrets=read.capabilities.secrets,
        listens=read.listens or not any(listed.values()),
        contributes=MappingProxyType({kind: ids for kind, ids in listed.items() if ids}),
    )


_KEYS: Mapping[str, tuple[str, ...]] = {
    "": tuple(f.alias or name for name, f in ManifestModel.model_fields.items()),
    "capabilities": tuple(_Capabilities.model_fields),
    "contributes": tuple(_Contributes.model_fields),
}


def _complaints(error: ValidationError) -> list[InvalidInput]:
    complaints = []
    for detail in error.errors(include_url=False):
        *parents, last = detail["loc"]
        path = ".".join(str(part) for part in detail["loc"])
        match detail["type"]:
            case "missing":
                message = "is missing"
            case "extra_forbidden":
                known = _KEYS.get(".".join(str(part) for part in parents), ())
                message = f"unknown key{did_you_mean(last, known)}"
            case "value_error":
                message = str(detail["ctx"]["error"])
            case "literal_error":
                message = f"must be 1, not {detail['input']!r}: a newer Reelhouse may know it"
            case _:
                message = f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, not {detail['input']!r}"
        complaints.append(InvalidInput(message, path=path))
    return complaints
