"""The manifest: what a backup set holds, as it is signed and stored."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from tenants.backups.failures import BackupNewer, BackupRefused

FORMAT = 1
FOLDER = "backups"
"""Where backups lie in a store."""

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Kind(StrEnum):
    """What a part holds."""

    CONTROL = "control"
    KEYS = "keys"
    VAULT = "vault"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Strict):
    """A sealed file in the store. ``sha256`` and ``size`` (bytes) are of what is stored.

    ``keys`` holds the part's random key, sealed to each recipient by its public key. A vault's ``state`` is the anchor
    that it was copied at, None while it was being written to; ``key_version`` the tenant's key it opens with.
    """

    kind: Kind
    id: UUID
    sha256: Digest
    size: Annotated[int, Field(ge=0)]
    keys: dict[Digest, str]
    tenant: UUID | None = None
    state: str | None = None
    key_version: int | None = None

    @property
    def place(self) -> str:
        """Its key in the store: keys lie in a series of their own, which is kept for a short time."""
        return f"{FOLDER}/{'keys' if self.kind is Kind.KEYS else 'parts'}/{self.sha256}"


class Manifest(_Strict):
    """A backup set. ``previous`` is the SHA-256 of the manifest before, as it is stored; 64 zeros for the first.

    ``counts`` are the rows of each table of the control plane.
    ``failed`` says which tenants' vaults could not be copied and why; an older copy stands for them, if there is one.
    """

    format: int = FORMAT
    house: UUID
    sequence: Annotated[int, Field(ge=1)]
    previous: Digest
    created: AwareDatetime
    software: str
    control: Part
    keys: Part
    vaults: tuple[Part, ...]
    counts: dict[str, int]
    failed: dict[UUID, str] = {}

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts but the keys."""
        return (self.control, *self.vaults)


def place_of(sequence: int) -> str:
    """Return a manifest's key in the store."""
    return f"{FOLDER}/sets/{sequence:010}"


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest whose signature was verified. Raise ``BackupNewer``, ``BackupRefused``."""
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError:
        raise BackupRefused("a manifest has an unknown form") from None
    if manifest.format != FORMAT:
        raise BackupNewer(f"the set has format {manifest.format}, this Reelhouse reads {FORMAT}")
    return manifest
