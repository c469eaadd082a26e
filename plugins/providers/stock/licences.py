"""Licences of Creative Commons, read from the address that services name them by.

https://creativecommons.org/licenses/list.en
"""

import re

from core.api import Licence

_LICENCE = re.compile(r"creativecommons\.org/licenses/([a-z+-]+)/([0-9.]+)", re.IGNORECASE)
_WAIVED = re.compile(r"creativecommons\.org/publicdomain/(zero|mark|certification)/([0-9.]+)", re.IGNORECASE)
_RESTRICTIONS = frozenset({"nc", "nd", "sa"})


def creative_commons(url: str, *, attribution: str) -> Licence:
    """Return the licence that an address stands for, under its SPDX identifier; one that it does not know as it is."""
    if waived := _WAIVED.search(url):
        is_zero = waived[1].lower() == "zero"
        return Licence(id=f"CC0-{waived[2]}" if is_zero else f"CC-PDM-{waived[2]}", url=url, attribution=attribution)
    named = _LICENCE.search(url)
    if named is None:
        return Licence(id="unknown", url=url, attribution=attribution)
    parts = named[1].lower()
    return Licence(
        id=f"CC-{parts.upper()}-{named[2]}",
        url=url,
        attribution=attribution,
        flags=_RESTRICTIONS & frozenset(parts.replace("+", "-").split("-")),
    )
