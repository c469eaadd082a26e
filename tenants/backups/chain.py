"""The chain: a house's sets in a store, each holding the digest of the one before; what does not fit is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.api import NotFound, Storage
from tenants.backups.failures import BackupRefused
from tenants.backups.manifest import FOLDER, Manifest, place_of, read_manifest
from tenants.backups.signing import signed_content
from tenants.vault.files import write_durably

NOTHING = "0" * 64
LARGEST_MANIFEST = 64 * 1024 * 1024
_HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A set and the digest of its manifest."""

    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest set that is known of: a store that ends before it was put back to an older state."""

    sequence: int
    digest: str


async def read_chain(store: Storage, *, signer: str, head: Head | None = None) -> Sequence[Link]:
    """Return all sets, oldest first, checked one by one and against each other.

    ``head`` is what is known from elsewhere. Raise ``BackupRefused`` where a set was changed, left out, moved, or where
    the store does not reach the head.
    """
    links: list[Link] = []
    async for stored in store.list(f"{FOLDER}/sets/"):
        signed = await read_small(store, stored.key, stored.size)
        manifest = read_manifest(signed_content(signed, signer))
        former = links[-1].digest if links else NOTHING
        if (stored.key, manifest.sequence, manifest.previous) != (
            place_of(manifest.sequence),
            len(links) + 1,
            former,
        ) or (links and links[-1].manifest.house != manifest.house):
            raise BackupRefused(f"{stored.key} does not follow the set before it")
        links.append(Link(manifest=manifest, digest=sha256(signed).hexdigest()))
    if head is not None and (len(links) < head.sequence or links[head.sequence - 1].digest != head.digest):
        raise BackupRefused(f"the store does not hold set {head.sequence} that is known: it is of another time")
    return links


async def read_small(store: Storage, key: str, size: int) -> bytes:
    """Return a small stored file. Raise ``BackupRefused`` where it is none."""
    if size > LARGEST_MANIFEST:
        raise BackupRefused(f"{key} is too large")
    return b"".join([chunk async for chunk in store.read(key)])


def find(links: Sequence[Link], sequence: int | None) -> Link:
    """Return a set by its number, else the newest. Raise ``NotFound``."""
    if not links or (sequence is not None and not 1 <= sequence <= len(links)):
        raise NotFound("there is no backup" + (f" {sequence}" if sequence is not None else ""))
    return links[-1 if sequence is None else sequence - 1]


def read_head(folder: Path) -> Head | None:
    """Return the head that the house noted. Raise ``BackupRefused`` where the note is none."""
    try:
        sequence, digest = (folder / _HEAD).read_text(encoding="ascii").split()
        return Head(sequence=int(sequence), digest=digest)
    except FileNotFoundError:
        return None
    except ValueError:
        raise BackupRefused(f"{folder / _HEAD} is no note of a backup") from None


def write_head(folder: Path, link: Link) -> None:
    """Note the newest set."""
    write_durably(folder / _HEAD, f"{link.manifest.sequence} {link.digest}\n".encode())
