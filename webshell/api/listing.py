"""Lists by time: pages whose cursor is the moment and the id of the last item."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.api import InvalidInput
from webshell.api.pages import PageQuery, cursor_of


def after_of(query: PageQuery) -> tuple[datetime, UUID] | None:
    """Return where the page before ended. Raise ``InvalidInput`` for a cursor that was not given out."""
    if query.after is None:
        return None
    at, _, id_ = query.after.partition(" ")
    try:
        return datetime.fromisoformat(at), UUID(id_)
    except ValueError as err:
        raise InvalidInput("is no cursor that was given out", path="cursor") from err


def next_of(ends: Sequence[tuple[datetime, UUID]], most: int) -> str | None:
    """Return the cursor of the next page, after items with these ends; None where the page was not full."""
    if len(ends) < most:
        return None
    at, id_ = ends[-1]
    return cursor_of(f"{at.isoformat()} {id_}")
