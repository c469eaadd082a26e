"""Any JSON value in one column: the fields that keep what callers define."""

import json
from typing import Any

from tortoise.fields.base import Field
from tortoise.models import Model


class JsonValueField(Field[Any]):
    """Anything that JSON can hold, a text as well: the ORM's own field takes a text for JSON that is yet to be read.

    Kept as UTF-8 bytes, which no JSON value is: so what comes from the database is told apart from what is assigned.
    Can't be filtered by.
    """

    field_type = object
    indexable = False
    SQL_TYPE = "BLOB"

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> bytes | None:  # noqa: ARG002 - the ORM's own form
        self.validate(value)
        return None if value is None else json.dumps(value, ensure_ascii=False).encode()

    def to_python_value(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, bytes) else value
