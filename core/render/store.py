"""The store of gathered media: what providers delivered, kept by what was asked for, with its provenance."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from core.api import AssetKind, FetchedAsset, Licence
from core.render.stopping import NEVER, Stop, raise_if
from core.render.writing import writing

PROVENANCE = "provenance.json"
_BLOCK = 2**20


class GatheredStore:
    """A folder of fetched assets. Each lies in a folder of its own, made whole before it gets its name.

    An asset is asked for by a text that covers all that it depends on: its reference and the provider's version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, request: str, fetch: Callable[[Path], FetchedAsset], *, is_stable: bool = True) -> FetchedAsset:
        """Return the asset of a request; ``fetch`` brings it into an empty folder when it is not there.

        One that is not stable (the same request may give other bytes later) is brought anew each time.
        """
        kept = self._folder / hashlib.sha256(request.encode()).hexdigest()
        if not is_stable and kept.exists():
            shutil.rmtree(kept)
        if not (kept / PROVENANCE).exists():
            self._bring(request, kept, fetch)
        return _read(kept)

    def _bring(self, request: str, kept: Path, fetch: Callable[[Path], FetchedAsset]) -> None:
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=self._folder, prefix=".fetching-"))
        try:
            asset = fetch(fresh)
            record = asdict(asset) | {"path": str(asset.path.relative_to(fresh)), "request": request}
            record["licence"]["flags"] = sorted(asset.licence.flags)
            with writing(self._folder):
                (fresh / PROVENANCE).write_text(json.dumps(record, indent=2, ensure_ascii=False))
                try:
                    fresh.rename(kept)
                except OSError:  # another render brought the same asset meanwhile
                    if not (kept / PROVENANCE).exists():
                        raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _read(folder: Path) -> FetchedAsset:
    record = json.loads((folder / PROVENANCE).read_text())
    licence = record["licence"]
    return FetchedAsset(
        path=folder / record["path"],
        kind=AssetKind(record["kind"]),
        licence=Licence(
            id=licence["id"],
            url=licence["url"],
            attribution=licence["attribution"],
            flags=frozenset(licence["flags"]),
        ),
        title=record["title"],
        creator=record["creator"],
        source_url=record["source_url"],
        extra=record["extra"],
    )


def sha256_of(path: Path, *, cancelled: Stop = NEVER) -> str:
    """Return the SHA-256 of a file's content, lower-case hex. Raise ``Cancelled`` soon after that is asked for."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            raise_if(cancelled)
            digest.update(block)
    return digest.hexdigest()
