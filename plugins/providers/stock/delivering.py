"""Delivering: a service's file is brought into a folder, with what is known of it."""

from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from core.api import AssetKind, AssetOffer, FetchedAsset, HttpClient, NotFound

_SUFFIXES = {
    AssetKind.VIDEO: (".mp4", ".mov", ".webm", ".m4v", ".mkv"),
    AssetKind.IMAGE: (".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"),
    AssetKind.AUDIO: (".mp3", ".ogg", ".oga", ".wav", ".flac", ".m4a", ".opus", ".aac"),
}


async def deliver(http: HttpClient, offer: AssetOffer, url: str, folder: Path) -> FetchedAsset:
    """Download what was offered into ``folder``. Raise ``NotFound`` where the service names no file of it.

    The suffix is that of the address, where it is one of the kind's, else the kind's most usual: what a file is shows
    when it is read.
    """
    if not url:
        raise NotFound(f"there is no file of {offer.id} to be had")
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    usual = _SUFFIXES[offer.kind]
    path = folder / f"{offer.id.replace('/', '-')}{suffix if suffix in usual else usual[0]}"
    await http.download(url, path)
    return FetchedAsset(
        path=path,
        kind=offer.kind,
        licence=offer.licence,
        title=offer.title,
        creator=offer.creator,
        source_url=offer.source_url,
    )
