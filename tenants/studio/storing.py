"""Storing: files that were made are put into the house's storage, each told by its name."""

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from tenants.library.holdings import Held
from tenants.studio.services import Studio

_MEDIA_TYPES: Mapping[str, str] = {".vtt": "text/vtt", ".srt": "application/x-subrip", ".webm": "video/webm"}


async def store_files(at: Studio, tenant: UUID, under: str, paths: Iterable[Path], *, purpose: str) -> dict[str, Held]:
    """Store files of a tenant ``under`` a name; return how they are held, by their own names."""
    held = {}
    for path in paths:
        media_type = _MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        held[path.name] = await at.holdings.put(
            tenant, f"{under}/{path.name}", path, media_type=media_type, purpose=purpose, now=at.clock()
        )
    return held
