"""Reading a timeline: JSON, variables, models; all that is wrong is told at once, with its place."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.api import JsonValue, did_you_mean
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.document.assets import ASSETS
from core.timeline.document.base import shown

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 60
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def parse_timeline(text: str | bytes) -> Timeline:
    """Read a timeline document. Raise ``InvalidTimeline`` with every complaint about its form."""
    document = _load(text)
    substituted, missing = substitute(document)
    if missing:
        raise InvalidTimeline(tuple(missing))
    try:
        return Timeline.model_validate(substituted)
    except ValidationError as err:
        raise InvalidTimeline(tuple(_complaint(error) for error in err.errors())) from err


def _load(text: str | bytes) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise InvalidTimeline((Complaint(path="", message="the document is larger than 16 MiB", code="too_large"),))
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique_keys)
    except UnicodeDecodeError as err:
        raise InvalidTimeline((Complaint(path="", message=f"is not UTF-8: {err}", code="not_json"),)) from err
    except json.JSONDecodeError as err:
        where = f"line {err.lineno}, column {err.colno}"
        raise InvalidTimeline((Complaint(path="", message=f"{where}: {err.msg}", code="not_json"),)) from err
    except (ValueError, RecursionError, InvalidOperation) as err:
        raise InvalidTimeline((Complaint(path="", message=str(err), code="not_json"),)) from err
    if not isinstance(document, dict):
        raise InvalidTimeline((Complaint(path="", message=f"must be an object, not {shown(document)}"),))
    if _depth(document) > MAX_DEPTH:
        raise InvalidTimeline((Complaint(path="", message=f"is nested more than {MAX_DEPTH} deep", code="too_deep"),))
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number that JSON knows")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key "{twice}" stands twice in one object')
    return whole


def _depth(value: object) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return deepest


def substitute(document: dict[str, Any]) -> tuple[dict[str, Any], list[Complaint]]:
    """Replace ``{{name}}`` from the document's variables, and those of nested timelines from their own.

    A text that is one whole placeholder takes the variable's own type. Return what is left open as complaints.
    """
    missing: list[Complaint] = []
    return _substituted(document, {}, "", missing), missing


def _substituted(value: Any, variables: Mapping[str, JsonValue], path: str, missing: list[Complaint]) -> Any:
    match value:
        case dict():
            if "tracks" in value and isinstance(value.get("variables"), dict):
                variables = {**variables, **value["variables"]}
            return {
                key: inner if key == "variables" else _substituted(inner, variables, _join(path, key), missing)
                for key, inner in value.items()
            }
        case list():
            return [_substituted(inner, variables, f"{path}[{index}]", missing) for index, inner in enumerate(value)]
        case str():
            return _filled(value, variables, path, missing)
        case _:
            return value


def _filled(text: str, variables: Mapping[str, JsonValue], path: str, missing: list[Complaint]) -> JsonValue:
    def take(name: str) -> JsonValue:
        if name not in variables:
            suggestion = did_you_mean(name, variables)
            missing.append(Complaint(path=path, message=f'no variable "{name}"{suggestion}', code="missing_variable"))
            return ""
        return variables[name]

    whole = _PLACEHOLDER.fullmatch(text)
    if whole:
        return take(whole[1])
    return _PLACEHOLDER.sub(lambda found: _as_text(take(found[1])), text)


def _as_text(value: JsonValue | Decimal) -> str:
    if isinstance(value, str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _complaint(error: ErrorDetails) -> Complaint:
    """Turn pydantic's error into our words and our path."""
    location = error["loc"]
    path = format_path(location)
    value = error["input"]
    match error["type"]:
        case "wrong":
            return Complaint(path=path, message=error["msg"])
        case "missing":
            return Complaint(path=path, message="is required", code="missing")
        case "extra_forbidden":
            known = _known_keys(location[:-1])
            message = f'unknown key "{location[-1]}"{did_you_mean(location[-1], known)}'
            return Complaint(path=path, message=message, code="unknown_key")
        case "union_tag_invalid" | "union_tag_not_found":
            kind = value.get("type") if isinstance(value, dict) else None
            if kind is None:
                return Complaint(path=f"{path}.type", message="is required", code="missing")
            message = f"unknown {shown(kind)}{did_you_mean(kind, ASSETS)}; one of {', '.join(ASSETS)}"
            return Complaint(path=f"{path}.type", message=message, code="unknown_value")
        case "enum" | "literal_error":
            expected = str(error.get("ctx", {}).get("expected", ""))
            choices = re.findall(r"'([^']*)'", expected) or [expected]
            message = f"unknown {shown(value)}{did_you_mean(value, choices)}; one of {', '.join(choices)}"
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
        "none_required": "null",
    }.get(kind)
    if wanted:
        return f"must be {wanted}, not {shown(value)}"
    context = error.get("ctx", {})
    match kind:
        case "too_long":
            return f"holds more than {context['max_length']} entries"
        case "too_short":
            return f"must hold at least {context['min_length']} entries"
        case "string_too_long":
            return f"is longer than {context['max_length']} characters"
        case "string_too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return f"{shown(value)} is not of the right form"
        case _:
            return error["msg"]


def format_path(location: tuple[int | str, ...]) -> str:
    """Write a location as ``tracks[2].clips[0].fit``; the tags of unions are left out."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith("#"):
            path = _join(path, part)
    return path


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that an object at this place may have."""
    models: list[Any] = [Timeline]
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
