"""Words: the fields that hold one word of an enumeration."""

from enum import StrEnum
from typing import Any, Literal, overload

from tortoise.fields import CharEnumField, Field


@overload
def word_field[Word: StrEnum](words: type[Word], *, null: Literal[False] = False, **options: Any) -> Field[Word]: ...


@overload
def word_field[Word: StrEnum](words: type[Word], *, null: Literal[True], **options: Any) -> Field[Word | None]: ...


def word_field(words: type[StrEnum], **options: Any) -> Field[Any]:
    """Return a field for one of ``words``. The database holds it to them through ``checks.one_of``."""
    # An empty description: else Tortoise writes the words into the table's SQL as a comment.
    return CharEnumField(words, description="", max_length=32, **options)
