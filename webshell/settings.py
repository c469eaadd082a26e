"""The settings of an installation: ``reelhouse.toml`` in its home, and over it the environment.

The setting ``x.y`` is ``y`` in the table ``[x]``, and ``REELHOUSE_X_Y``. Rooms below read the ones that are theirs from
an environment: ``Settings.environment`` holds what both places say.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.api import InvalidInput, JsonValue, did_you_mean

FILENAME = "reelhouse.toml"
PREFIX = "REELHOUSE_"

_SECRETS = "SECRET_"
"""What begins so belongs to plugins (docs/providers.md)."""
_ENVIRONMENT_ONLY = frozenset({"HOME", "SETTINGS", "MASTER_KEY", "TEST_FULL", "UPDATE_GOLDEN"})
"""Variables that are no settings: where the file lies, a secret that no file shall hold, and what tests are told."""


def _split(value: object) -> object:
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_split)]
"""Networks in CIDR form; in the environment with commas between."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(_Table):
    """Where the host listens, and whom it believes."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = Field(default="", description="What people type, such as https://videos.example.com.")
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: Networks = Field(default=(), description="Whose forwarding headers are believed.")
    metrics_from: Networks = Field(default=("127.0.0.0/8", "::1/128"), validate_default=True)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("public_url")
    @classmethod
    def _origin(cls, given: str) -> str:
        scheme, separator, rest = given.rstrip("/").partition("://")
        if given and (scheme not in {"http", "https"} or not separator or not rest or "/" in rest):
            raise ValueError("must be a scheme and a host, such as https://videos.example.com")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self


class MasterSettings(_Table):
    """Where the master key comes from (docs/keys.md)."""

    key_file: Path | None = None
    kms: str | None = None
    passphrase_file: Path | None = None
    sources: str | None = None


class BackupSettings(_Table):
    """Where backups go and who can read them (docs/backups.md)."""

    store: str | None = None
    recipients: Words = ()
    drill_key: Path | None = Field(default=None, description="A recipient's private key, for drills alone.")


class MarketSettings(_Table):
    """Where plugins of others come from (docs/market.md)."""

    catalogues: Paths = Field(default=(), description="Folders, each with a catalogue and its wheels.")
    index: str = Field(default="", description="A package index for what plugins need; none if empty.")
    unsigned: Words = Field(default=(), description="Plugins that may come without anybody vouching for them.")


class AccountSettings(_Table):
    """Who may register, and from where the house's staff may work."""

    registration: Literal["open", "invited"] = "open"
    admin_networks: Networks = Field(default=(), description="Where house roles count; everywhere if empty.")


class JobSettings(_Table):
    """What this host does in the background, and where videos lie."""

    slots: int = Field(default=2, ge=0, le=64, description="Jobs done at once; 0 leaves them to other hosts.")


class StorageSettings(_Table):
    """Where videos and media lie (docs/storage.md)."""

    backend: str = "local"


class MailSettings(_Table):
    """How letters reach users."""

    server: str = Field(default="", description="smtps://USER:PASSWORD@HOST; into a folder of the home if empty.")
    sender: str = "Reelhouse <reelhouse@localhost.localdomain>"


class WebhookSettings(_Table):
    """What webhooks may reach beside the public internet (docs/jobs.md)."""

    allowed: Networks = Field(default=(), description="Networks that are not public.")
    plain: Words = Field(default=(), description="Places (host:port) that answer without TLS, or at another port.")


class LimitSettings(_Table):
    """How often, in a minute, one user or token may use the routes of each class."""

    read: int = Field(default=600, ge=1)
    write: int = Field(default=120, ge=1)
    search: int = Field(default=60, ge=1)
    guess: int = Field(default=20, ge=1, description="What can be guessed at, such as logging in; by address too.")


class Tables(_Table):
    """All settings, as they stand in the file."""

    database: str | None = None
    audit_witness: Path | None = None
    dask: str | None = None
    dask_store: str | None = None
    plugins: Path | None = None
    safe_mode: bool = False
    sandbox_weak: bool = False
    server: ServerSettings = ServerSettings()
    master: MasterSettings = MasterSettings()
    backup: BackupSettings = BackupSettings()
    limits: LimitSettings = LimitSettings()
    accounts: AccountSettings = AccountSettings()
    mail: MailSettings = MailSettings()
    jobs: JobSettings = JobSettings()
    storage: StorageSettings = StorageSettings()
    market: MarketSettings = MarketSettings()
    webhooks: WebhookSettings = WebhookSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is set: the typed ``tables``, and all of it as an environment for the rooms below."""

    home: Path
    tables: Tables
    environment: Mapping[str, str] = field(repr=False)


def read_settings(home: Path, environment: Mapping[str, str]) -> Settings:
    """Read an installation's settings; raise ``InvalidInput`` that names the key, or the variable, at fault."""
    named = environment.get(f"{PREFIX}SETTINGS")
    path = Path(named).expanduser() if named else home / FILENAME
    document = _document(path) if named or path.is_file() else {}
    variables = _variables()
    for variable in environment:
        name = variable.removeprefix(PREFIX)
        if name == variable or name.startswith(_SECRETS) or name in _ENVIRONMENT_ONLY:
            continue
        if variable not in variables:
            known = [*variables, *(PREFIX + each for each in _ENVIRONMENT_ONLY)]
            raise InvalidInput(f"{variable} is an unknown setting{did_you_mean(variable, known)}", path=variable)
    given: dict[str, Any] = {key: dict(value) if isinstance(value, dict) else value for key, value in document.items()}
    for variable, (*table, key) in variables.items():
        if environment.get(variable):
            place = given.setdefault(table[0], {}) if table else given
            place[key] = environment[variable]
    try:
        tables = Tables.model_validate(given)
    except ValidationError as err:
        raise _complaint(err, path, environment) from err
    return Settings(home=home, tables=tables, environment={**_spelled(document), **environment})


def _variables() -> Mapping[str, tuple[str, ...]]:
    """Return the place of every setting, by its variable."""

    def places() -> Iterator[tuple[str, ...]]:
        for name, setting in Tables.model_fields.items():
            kind = setting.annotation
            if isinstance(kind, type) and issubclass(kind, _Table):
                yield from ((name, key) for key in kind.model_fields)
            else:
                yield (name,)

    return {PREFIX + "_".join(place).upper(): place for place in places()}


def _spelled(document: Mapping[str, JsonValue]) -> Mapping[str, str]:
    """Return a file's settings as an environment says them."""
    spelled: dict[str, str] = {}
    for name, value in document.items():
        for place, each in (
            [(f"{name}_{key}", each) for key, each in value.items()] if isinstance(value, dict) else [(name, value)]
        ):
            words = ",".join(map(str, each)) if isinstance(each, list) else each
            spelled[PREFIX + place.upper()] = str(int(words) if isinstance(words, bool) else words)
    return spelled


def _document(path: Path) -> Mapping[str, JsonValue]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise InvalidInput(f"can't be read: {err.strerror}", path=str(path)) from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise InvalidInput(f"{path.name} is not TOML: {err}", path=str(path)) from err


def _complaint(err: ValidationError, path: Path, environment: Mapping[str, str]) -> InvalidInput:
    """Tell the first thing that is wrong, where it was said. Its value is not told: it may be a secret."""
    first = err.errors(include_url=False, include_input=False)[0]
    place = [str(each) for each in first["loc"] if isinstance(each, str)][:2]
    variable = PREFIX + "_".join(place).upper()
    where = variable if variable in environment else f"{path.name}: {'.'.join(place)}"
    if first["type"] == "extra_forbidden":
        table = Tables.model_fields[place[0]].annotation if len(place) > 1 else Tables
        known = list(table.model_fields) if isinstance(table, type) and issubclass(table, _Table) else []
        return InvalidInput(f"{'.'.join(place)} is an unknown setting{did_you_mean(place[-1], known)}", path=where)
    return InvalidInput(first["msg"].removeprefix("Value error, "), path=where)
