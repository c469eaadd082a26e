"""How one master key follows another in files: ``NAME.next`` is there during a rotation, ``NAME.previous`` after it."""

from dataclasses import dataclass
from pathlib import Path

from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.sources.private_file import sync_folder


@dataclass(frozen=True, slots=True)
class Succession:
    """The files of one source. Whatever happens in between, every key that wraps anything lies in one of them."""

    path: Path

    @property
    def next(self) -> Path:
        """The file of the key that a rotation goes to."""
        return self.path.with_name(f"{self.path.name}.next")

    @property
    def previous(self) -> Path:
        """The file of the key that the last rotation came from; delete it when nothing is wrapped by it."""
        return self.path.with_name(f"{self.path.name}.previous")

    def present(self) -> tuple[Path, ...]:
        """Return the files that are there: first that of the key that wraps."""
        # A link to nowhere counts as there, so that it is refused and not passed over.
        return tuple(path for path in (self.next, self.path, self.previous) if path.exists(follow_symlinks=False))

    def promote(self) -> None:
        """End a rotation: the next key becomes the key, and that the previous one. May be repeated after a crash."""
        if not self.next.exists(follow_symlinks=False):
            raise MasterKeyInvalid(f"{self.next} is not there: no rotation is under way")
        if self.path.exists(follow_symlinks=False):
            self.previous.unlink(missing_ok=True)
            self.previous.hardlink_to(self.path)
        self.next.replace(self.path)
        sync_folder(self.path.parent)
