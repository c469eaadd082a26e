"""Translating: pydantic's errors about a document, in our words and with our paths."""

import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.timeline.complaints import Complaint, join, suggestion
from core.timeline.document import Timeline
from core.timeline.document.assets import ASSETS
from core.timeline.document.base import shown

MAX_COMPLAINTS = 500


def translate(err: ValidationError, *, root: type[BaseModel] = Timeline, path: str = "") -> Iterator[Complaint]:
    """Yield pydantic's errors about a ``root`` that stands at ``path``, in our words; not more than anyone reads."""
    for error in err.errors(include_url=False)[:MAX_COMPLAINTS]:
        yield _complaint(error, root, path)


def _complaint(error: ErrorDetails, root: type[BaseModel], around: str) -> Complaint:
    location = error["loc"]
    path = format_path(location, around)
    value = error["input"]
    match error["type"]:
        case "wrong":
            return Complaint(path=path, message=error["msg"])
        case "missing":
            return Complaint(path=path, message="is required", code="missing")
        case "extra_forbidden":
            known = _known_keys(location[:-1], root)
            message = f'unknown key "{location[-1]}"{suggestion(location[-1], known)}'
            return Complaint(path=path, message=message, code="unknown_key")
        case "union_tag_invalid" | "union_tag_not_found":
            kind = value.get("type") if isinstance(value, dict) else None
            if kind is None:
                return Complaint(path=f"{path}.type", message="is required", code="missing")
            message = f"unknown {shown(kind)}{suggestion(kind, ASSETS)}; one of {', '.join(ASSETS)}"
            return Complaint(path=f"{path}.type", message=message, code="unknown_value")
        case "enum" | "literal_error":
            expected = str(error.get("ctx", {}).get("expected", ""))
            choices = re.findall(r"'([^']*)'", expected) or [expected]
            message = f"unknown {shown(value)}{suggestion(value, choices)}; one of {', '.join(choices)}"
            return Complaint(path=path, message=message, code="unknown_value")
        case kind:
            return Complaint(path=path, message=_in_words(kind, value, error))


def _in_words(kind: str, value: object, error: ErrorDetails) -> str:
    wanted = {
        "string_type": "a text",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "list_type": "a list",
        "tuple_type": "a list",
        "dict_type": "an object",
        "model_type": "an object",
        "model_attributes_type": "an object",
    }.get(kind)
    if wanted:
        return f"must be {wanted}, not {shown(value)}"
    context = error.get("ctx", {})
    match kind:
        case "too_long":
            return f"holds more than {context['max_length']} entries"
        case "too_short":
            least = context["min_length"]
            return "must not be empty" if least == 1 else f"must hold at least {least} entries"
        case "string_too_long":
            return f"is longer than {context['max_length']} characters"
        case "string_too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return f'{shown(value)} is no language tag like "fr" or "pt-BR"'
        case _:
            return error["msg"]


def format_path(location: tuple[int | str, ...], path: str = "") -> str:
    """Write a location below ``path`` as ``tracks[2].clips[0].fit``; the tags of unions are left out."""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith("#"):
            path = join(path, part)
    return path


def _known_keys(location: tuple[int | str, ...], root: type[BaseModel]) -> list[str]:
    """Return the keys that an object at this place may have."""
    models: list[Any] = [root]
    for part in location:
        if isinstance(part, int):
            continue
        if part.startswith("#"):
            models = [ASSETS[part[1:]]] if part[1:] in ASSETS else models
        else:
            models = [
                inner
                for model in models
                for name, field in model.model_fields.items()
                if part in (name, field.alias)
                for inner in _models_in(field.annotation)
            ] or models
    return [field.alias or name for model in models for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    if get_origin(annotation) in (list, dict, tuple, Union, UnionType, Annotated):
        for inner in get_args(annotation):
            yield from _models_in(inner)
