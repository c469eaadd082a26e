"""A key from a passphrase: Argon2id (RFC 9106)."""

from dataclasses import dataclass
from typing import Literal

from argon2.exceptions import HashingError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw
from pydantic import BaseModel, ConfigDict, Field

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.framing import framed, number

SALT_BYTES = 16


class Stretching(BaseModel):
    """How a passphrase was stretched. ``memory`` in KiB; ``passes`` over it, by ``lanes`` threads."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, ser_json_bytes="hex", val_json_bytes="hex", hide_input_in_errors=True
    )

    function: Literal["argon2id"] = "argon2id"
    version: Literal[19] = ARGON2_VERSION
    memory: int = Field(gt=0, lt=1 << 32)
    passes: int = Field(gt=0, lt=1 << 32)
    lanes: int = Field(gt=0, lt=1 << 24)
    salt: bytes = Field(min_length=SALT_BYTES, max_length=SALT_BYTES)

    def framed(self) -> bytes:
        """Return all of it as bytes to bind to: so that nobody can write other parameters into the file."""
        numbers = (self.version, self.memory, self.passes, self.lanes)
        return framed(self.function.encode(), *map(number, numbers), self.salt)

    def key_of(self, passphrase: bytes) -> bytes:
        """Return 32 bytes, after as much work as is said. Raise ``MasterKeyInvalid`` where memory does not suffice."""
        try:
            return hash_secret_raw(
                passphrase,
                self.salt,
                time_cost=self.passes,
                memory_cost=self.memory,
                parallelism=self.lanes,
                hash_len=KEY_BYTES,
                type=Type.ID,
                version=self.version,
            )
        except HashingError as err:
            raise MasterKeyInvalid(f"Argon2id can't stretch the passphrase with {self.memory} KiB: {err}") from err


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is asked of passphrases and of how they are stretched. ``shortest`` in characters, memory in KiB.

    Files are made with ``memory``, ``passes`` and ``lanes``. Below ``least_memory`` and ``least_passes``, RFC 9106's
    recommendation for machines with little memory, a file is refused; and beyond the others, as it would take the
    machine down.
    """

    shortest: int = 12
    memory: int = 256 * 1024
    passes: int = 3
    lanes: int = 4
    least_memory: int = 64 * 1024
    least_passes: int = 3
    most_memory: int = 4 * 1024 * 1024
    most_passes: int = 32
    most_lanes: int = 64

    def stretching(self, salt: bytes) -> Stretching:
        """Return the parameters of a new file."""
        return Stretching(memory=self.memory, passes=self.passes, lanes=self.lanes, salt=salt)

    def check(self, found: Stretching, *, name: str) -> None:
        """Raise ``MasterKeyInvalid`` for parameters that are too weak, or too strong to be tried."""
        if found.memory < self.least_memory or found.passes < self.least_passes:
            raise MasterKeyInvalid(
                f"{name} asks for weaker stretching than is allowed: {found.memory} KiB, {found.passes} passes",
                hint=f"At least {self.least_memory} KiB and {self.least_passes} passes. Was the file changed?",
            )
        if found.memory > self.most_memory or found.passes > self.most_passes or found.lanes > self.most_lanes:
            raise MasterKeyInvalid(f"{name} asks for more stretching than is allowed")


POLICY = Policy()
