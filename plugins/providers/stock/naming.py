"""Ids of stock media: what kind it is, and the service's own id."""

import re
from collections.abc import Mapping

from core.api import AssetKind, InvalidInput

_OWN = re.compile(r"[A-Za-z0-9_-]{1,80}")


def parse_id(asset_id: str, words: Mapping[str, AssetKind]) -> tuple[AssetKind, str]:
    """Read ``word/id``, as ``photo/3573351``; return the kind and the service's id.

    Raise ``InvalidInput`` for another word, and for an id that could be anything but an id: it becomes part of an
    address.
    """
    word, _, own = asset_id.partition("/")
    if word not in words or not _OWN.fullmatch(own):
        forms = ", ".join(f"{each}/ID" for each in words)
        raise InvalidInput(f'"{asset_id[:100]}" must look like {forms}')
    return words[word], own
