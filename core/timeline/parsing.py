"""Reading a timeline: JSON, variables, models; all that is wrong is told at once, with its place."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from core.timeline.complaints import Complaint, InvalidTimeline, Places
from core.timeline.document import Timeline
from core.timeline.document.base import MAX_NAME, shown
from core.timeline.translating import translate
from core.timeline.variables import substitute

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 100
LARGEST_EXPONENT = 100
LONGEST_NUMBER = 100
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def parse_timeline(text: str | bytes) -> Timeline:
    """Read a timeline document. Raise ``InvalidTimeline`` with every complaint about its form."""
    document, missing = load(text)
    try:
        timeline = Timeline.model_validate(document)
    except ValidationError as err:
        raise InvalidTimeline((*missing, *form_complaints(err, missing))) from err
    if missing:
        raise InvalidTimeline(tuple(missing))
    return timeline


def load(text: str | bytes) -> tuple[dict[str, Any], list[Complaint]]:
    """Read a document's JSON and fill in its variables; return it with complaints about those it does not have.

    Raise ``InvalidTimeline`` where it is no JSON object, or larger or deeper than we take.
    """
    document, missing = substitute(_load(text))
    if _depth(document) > MAX_DEPTH:
        raise InvalidTimeline((_too_deep(),))
    return document, missing


def form_complaints(err: ValidationError, missing: Iterable[Complaint]) -> Iterator[Complaint]:
    """Yield what is wrong with a document's form, save where a variable is ``missing``: nobody knows what is there."""
    unknown = Places(complaint.path for complaint in missing)
    yield from (complaint for complaint in translate(err) if not unknown.relate_to(complaint.path))


def _too_deep() -> Complaint:
    return Complaint(path="", message=f"is nested more than {MAX_DEPTH} deep", code="too_deep")


def _load(text: str | bytes) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise InvalidTimeline((Complaint(path="", message="the document is larger than 16 MiB", code="too_large"),))
    try:
        document = json.loads(
            text,
            parse_int=lambda digits: int(_number(digits)),
            parse_float=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_unique_keys,
        )
    except UnicodeDecodeError as err:
        raise InvalidTimeline((Complaint(path="", message=f"is not UTF-8: {err}", code="not_json"),)) from err
    except json.JSONDecodeError as err:
        where = f"line {err.lineno}, column {err.colno}"
        raise InvalidTimeline((Complaint(path="", message=f"{where}: {err.msg}", code="not_json"),)) from err
    except RecursionError as err:
        raise InvalidTimeline((_too_deep(),)) from err
    except (ValueError, InvalidOperation) as err:
        raise InvalidTimeline((Complaint(path="", message=str(err), code="not_json"),)) from err
    if not _is_unicode(document):
        raise InvalidTimeline((Complaint(path="", message="holds half of a surrogate pair", code="not_json"),))
    if not isinstance(document, dict):
        raise InvalidTimeline((Complaint(path="", message=f"must be an object, not {shown(document)}"),))
    if _depth(document) > MAX_DEPTH:
        raise InvalidTimeline((_too_deep(),))
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number that JSON knows")


def _number(digits: str) -> Decimal:
    """Read a number exactly. Beyond all sense it is refused here, before anyone turns it into gigabytes of digits."""
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"the number {digits[:20]}… has more than {LONGEST_NUMBER} characters")
    number = Decimal(digits)
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"the number {digits} is out of range")
    return number


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    for name in whole:
        if len(name) > MAX_NAME:
            raise ValueError(f"the key {shown(name)} is longer than {MAX_NAME} characters")
    if len(whole) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f'the key "{twice}" stands twice in one object')
    return whole


def _levels(document: object) -> Iterator[list[Any]]:
    """Yield all values of a document, level by level, without recursion."""
    level = [document]
    while level:
        yield level
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]


def _depth(document: object) -> int:
    return sum(1 for _ in _levels(document))


def _is_unicode(document: object) -> bool:
    """Tell whether all texts can be written as UTF-8; JSON's escapes can name what is no character."""
    for level in _levels(document):
        for value in level:
            for text in value if isinstance(value, dict) else (value,):
                if isinstance(text, str) and _SURROGATE.search(text):
                    return False
    return True
