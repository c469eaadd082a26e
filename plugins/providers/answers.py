"""Answers of services, read as far as we need them: what they add later does no harm."""

from typing import Any

from pydantic import BaseModel, BeforeValidator


class Read(BaseModel, extra="ignore"):
    """A part of an answer."""


def _or_empty(value: Any) -> Any:
    return "" if value is None else value


Told = BeforeValidator(_or_empty)
"""Marks a text that a service may leave empty as null."""
