"""Reading a timeline for use: its form and its meaning, with everything that is wrong told at once."""

import re
from collections.abc import Collection, Iterator
from itertools import islice

from pydantic import ValidationError

from core.api import Catalogue
from core.timeline.checking import complaints_about
from core.timeline.complaints import Complaint, InvalidTimeline, Places
from core.timeline.document import Timeline
from core.timeline.mending import Mended, mend
from core.timeline.parsing import form_complaints, load

MOST_TOLD = 5000
"""How many complaints about a document's meaning are told."""
FOLLOWING = frozenset({"empty", "no_end", "missing"})
"""Complaints that may be nothing but what another mistake leads to."""
TIMING = frozenset({"transition", "overlap", "order", "too_long", "too_short"})
"""Complaints that may be wrong once anything on the same track is."""
_TRACK = re.compile(r"^(?:.*\.)?tracks\[\d+\]")


def read_timeline(text: str | bytes, catalogue: Catalogue) -> Timeline:
    """Read and check a timeline document.

    Raise ``InvalidTimeline`` with every complaint that can be made without its media: first about unknown variables,
    then about the form, then about the meaning of all that could be read. Complaints that may only follow from
    another one are left out.
    """
    document, missing = load(text)
    mended: Mended | None
    try:
        mended = Mended(timeline=Timeline.model_validate(document))
        told = missing
    except ValidationError as err:
        told = [*missing, *form_complaints(err, missing)]
        mended = mend(document, err)
    meaning = [] if mended is None else list(islice(_meaning(mended, catalogue, told), MOST_TOLD))
    if told or meaning or mended is None:
        raise InvalidTimeline((*told, *meaning))
    return mended.timeline


def _meaning(mended: Mended, catalogue: Catalogue, told: Collection[Complaint]) -> Iterator[Complaint]:
    """Yield the complaints about a mended timeline's meaning that are not mere consequences of those ``told``."""
    found = complaints_about(mended.timeline, catalogue)
    if not told:
        yield from found
        return
    following = FOLLOWING | {"duplicate_id"} if mended.kept else FOLLOWING
    wrong = Places(complaint.path for complaint in told)
    spoiled = {_track_of(complaint.path) for complaint in told}
    for each in found:
        path = mended.written_at(each.path)
        is_late = each.code in TIMING and _track_of(path) in spoiled
        if each.code not in following and not is_late and not wrong.relate_to(path):
            yield Complaint(path=path, message=each.message, code=each.code)


def _track_of(path: str) -> str:
    matched = _TRACK.match(path)
    return matched[0] if matched else ""
