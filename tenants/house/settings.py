"""Settings of a house: where it lies, which database it has, where its master key comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATABASE_VARIABLE = "REELHOUSE_DATABASE"
"""The setting ``database``: ``sqlite://PATH`` or ``postgres://USER@HOST/DATABASE``."""
WITNESS_VARIABLE = "REELHOUSE_AUDIT_WITNESS"
"""The setting ``witness``: a path, best where the control plane's database can't write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseSettings:
    """A house's folder and its environment."""

    home: Path
    environment: Mapping[str, str]

    @property
    def database(self) -> str:
        """The address of the control plane's database; by default a file in the home."""
        return self.environment.get(DATABASE_VARIABLE) or f"sqlite://{self.home / 'control.db'}"

    @property
    def vaults(self) -> Path:
        """The folder of the vaults."""
        return self.home / "vaults"

    @property
    def witness(self) -> Path:
        """The file in which the audit's heads are noted (``control.witness``)."""
        return Path(self.environment.get(WITNESS_VARIABLE) or self.home / "audit.witness")

    @property
    def signing_key(self) -> Path:
        """The file of the key that the house signs with (``keys.signing``)."""
        return self.home / "signing.key"
