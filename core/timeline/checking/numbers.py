"""Checking animated numbers: that they keep their range, and their keys their order and easings.

The easings of transitions and animations are checked by the same rule.
"""

from collections.abc import Iterator

from core.contract.easings import EASINGS, is_easing
from core.timeline.complaints import Complaint, suggestion
from core.timeline.document.base import Keyframes, Model, Range, shown


def check_numbers(part: Model, path: str) -> Iterator[Complaint]:
    """Yield what is wrong with the animated numbers of a part."""
    for name, declared in type(part).model_fields.items():
        bounds = next((mark for mark in declared.metadata if isinstance(mark, Range)), None)
        if bounds is None:
            continue
        value = getattr(part, name)
        if isinstance(value, Keyframes):
            yield from check_keys(value, f"{path}.{name}")
            for k, key in enumerate(value.keys):
                yield from _within(bounds, key.v, f"{path}.{name}.keys[{k}].v")
        else:
            yield from _within(bounds, value, f"{path}.{name}")


def _within(bounds: Range, value: float, path: str) -> Iterator[Complaint]:
    if value < bounds.least:
        yield Complaint(path=path, message=f"must be at least {bounds.least:g}, not {value:g}", code="out_of_range")
    if value > bounds.most:
        yield Complaint(path=path, message=f"must be at most {bounds.most:g}, not {value:g}", code="out_of_range")


def check_keys(frames: Keyframes, path: str) -> Iterator[Complaint]:
    """Yield what is wrong with the order of keys and with their easings."""
    for k, key in enumerate(frames.keys):
        if k and key.t <= frames.keys[k - 1].t:
            message = "must be later than the key before"
            yield Complaint(path=f"{path}.keys[{k}].t", message=message, code="key_order")
        yield from check_easing(key.ease, f"{path}.keys[{k}].ease")


def check_easing(ease: str, path: str) -> Iterator[Complaint]:
    """Complain of a name that is no easing."""
    if not is_easing(ease):
        message = f"unknown easing {shown(ease)}{suggestion(ease, EASINGS)}"
        yield Complaint(path=path, message=message, code="unknown_easing")
