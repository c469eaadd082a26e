"""What the database itself checks of a row, whoever writes it.

A name is unique in the database, and stays: migrations refer to it.
"""

from enum import StrEnum

from tortoise.migrations.constraints import CheckConstraint


def one_of(table: str, column: str, words: type[StrEnum]) -> CheckConstraint:
    """Let a column hold nothing but the words of an enumeration (or NULL, where it may)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(check=f'"{column}" IN ({listed})', name=f"{table}_{column}")


def holds(table: str, name: str, condition: str) -> CheckConstraint:
    """Let a condition hold for every row; written in SQL that SQLite and PostgreSQL both read."""
    return CheckConstraint(check=condition, name=f"{table}_{name}")
