"""Checking what is used of plugins: that it is there, and that the parameters fit it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from core.api import Animation, Effect, InvalidInput, Parameter, Transition, parse_values
from core.timeline.checking.numbers import check_keys
from core.timeline.complaints import Complaint, suggestion
from core.timeline.document.base import Keyframes, plain_json, shown
from core.timeline.document.clips import UsePart
from core.timeline.translating import translate


def check_use(
    part: UsePart,
    known: Mapping[str, Effect] | Mapping[str, Transition] | Mapping[str, Animation],
    path: str,
    *,
    is_animatable: bool = True,
) -> Iterator[Complaint]:
    """Yield what is wrong with the use of an effect, a transition or an animation."""
    contribution = known.get(part.use)
    if contribution is None:
        yield unknown(part.use, known, f"{path}.use")
        return
    yield from check_values(contribution.params, part.params, f"{path}.params", is_animatable=is_animatable)


def unknown(use: str, known: Iterable[str], path: str) -> Complaint:
    """Complain of something that no plugin contributes."""
    return Complaint(path=path, message=f"unknown {shown(use)}{suggestion(use, known)}", code="unknown_use")


def check_values(
    parameters: tuple[Parameter, ...], given: Mapping[str, Any], path: str, *, is_animatable: bool
) -> Iterator[Complaint]:
    """Yield what is wrong with the parameters that are ``given``, as the document writes them."""
    by_name = {parameter.name: parameter for parameter in parameters}
    animated = [name for name, value in given.items() if name in by_name and isinstance(value, dict)]
    plain = {name: plain_json(value) for name, value in given.items() if name not in animated}
    static = [parameter for parameter in parameters if parameter.name not in animated]
    _, complaints = parse_values(static, plain, path=path)
    yield from (_as_complaint(complaint) for complaint in complaints)
    for name in animated:
        if is_animatable and by_name[name].animatable:
            yield from _animated_values(by_name[name], given[name], f"{path}.{name}")
        else:
            message = "can't be animated" if "keys" in given[name] else "must not be an object"
            yield Complaint(path=f"{path}.{name}", message=message, code="bad_parameter")


def _animated_values(parameter: Parameter, given: Mapping[str, Any], path: str) -> Iterator[Complaint]:
    try:
        frames = Keyframes.model_validate(given)
    except ValidationError as err:
        yield from translate(err, root=Keyframes, path=path)
        return
    yield from check_keys(frames, path)
    for k, key in enumerate(frames.keys):
        try:
            parameter.parse(key.v, path=f"{path}.keys[{k}].v")
        except InvalidInput as complaint:
            yield _as_complaint(complaint)


def _as_complaint(complaint: InvalidInput) -> Complaint:
    message = str(complaint)
    code = "missing" if message == "is required" else "bad_parameter"
    return Complaint(path=complaint.path or "", message=message, code=code)
