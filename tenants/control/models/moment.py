"""Moments: the fields that keep a time. Always UTC, and never without its zone."""

from datetime import UTC, datetime
from typing import Any

from tortoise.fields import DatetimeField
from tortoise.fields.data import T_DATETIME
from tortoise.models import Model


class MomentField(DatetimeField[T_DATETIME]):
    """A time, kept in UTC whatever zone it is given in. Raise ``ValueError`` for one without a zone.

    SQLite keeps times as text and compares them as such: two zones side by side would be out of order.
    """

    def to_python_value(self, value: Any) -> datetime | None:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{self.model_field_name} must have a time zone")
        return super().to_python_value(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{self.model_field_name} must have a time zone")
            value = value.astimezone(UTC)
        return super().to_db_value(value, instance)
