"""Credits beside a file: who made it, and under which licence it may be used."""

import json
from dataclasses import dataclass
from pathlib import Path

from core.api import InvalidInput, Licence

CREDITS = ".credits.json"
UNKNOWN = Licence(id="unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """What is known of a file's origin."""

    title: str = ""
    creator: str = ""
    source_url: str = ""
    licence: Licence = UNKNOWN


def read_credits(path: Path) -> Credits:
    """Read a file of credits; without one nothing is known. Raise ``InvalidInput`` for one that can't be understood."""
    if not path.is_file():
        return Credits()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        licence = record.get("licence", {})
        return Credits(
            title=str(record.get("title", "")),
            creator=str(record.get("creator", "")),
            source_url=str(record.get("source_url", "")),
            licence=Licence(
                id=str(licence.get("id", UNKNOWN.id)),
                url=str(licence.get("url", "")),
                attribution=str(licence.get("attribution", "")),
                flags=frozenset(map(str, licence.get("flags", ()))),
            ),
        )
    except (ValueError, AttributeError, TypeError) as err:
        raise InvalidInput(f"{path.name} can't be understood: {err}", path=path.name) from err
