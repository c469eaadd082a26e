"""Rows of an export: a table as lines of JSON, without secrets, and the schema of its lines."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from tortoise.queryset import QuerySet

_AT_ONCE = 500
_TYPES: Mapping[type[fields.Field[Any]], Mapping[str, Any]] = {
    fields.UUIDField: {"type": "string", "format": "uuid"},
    fields.DatetimeField: {"type": "string", "format": "date-time"},
    fields.BooleanField: {"type": "boolean"},
    fields.IntField: {"type": "integer"},
    fields.CharField: {"type": "string"},
    fields.TextField: {"type": "string"},
}


def columns(model: type[Model], *left_out: str) -> list[str]:
    """Return the columns that are exported: all but the binary ones, which hold what is sealed."""
    every = model._meta.fields_map  # noqa: SLF001 - Tortoise has no other way to a model's description
    stored = model._meta.fields_db_projection  # noqa: SLF001 - likewise
    return [name for name in stored if not isinstance(every[name], fields.BinaryField) and name not in left_out]


async def lines(rows: QuerySet[Any], wanted: list[str]) -> AsyncIterator[bytes]:
    """Yield rows as lines of JSON in the order of their keys, some lines at once. Call it in a transaction."""
    key, last = rows.model._meta.pk_attr, None  # noqa: SLF001 - likewise
    while (
        page := await (rows if last is None else rows.filter(**{f"{key}__gt": last}))
        .order_by(key)
        .limit(_AT_ONCE)
        .values()
    ):
        last = page[-1][key]
        yield b"".join(line({name: row[name] for name in wanted}) for row in page)


def line(row: Mapping[str, Any]) -> bytes:
    """Return one row as a line of JSON."""
    return json.dumps(row, default=_plain, ensure_ascii=False).encode() + b"\n"


def schema(model: type[Model], wanted: list[str]) -> dict[str, Any]:
    """Return the JSON Schema of a table's lines."""
    every = model._meta.fields_map  # noqa: SLF001 - likewise
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.__name__,
        "description": model.__doc__,
        "type": "object",
        "properties": {name: _schema_of(every[name]) for name in wanted},
        "required": wanted,
        "additionalProperties": False,
    }


def _schema_of(field: fields.Field[Any]) -> dict[str, Any]:
    """Return a column's schema; anything is allowed where a column holds JSON."""
    known = next((said for kind, said in _TYPES.items() if isinstance(field, kind)), None)
    if known is None:
        return {}
    return {**known, "type": [known["type"], "null"]} if field.null else dict(known)


def _plain(value: object) -> str:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case _:
            raise TypeError(f"no column that is exported holds a {type(value).__name__}")
