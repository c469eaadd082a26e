"""Pages of lists: a cursor names the last item of the page before, so nothing is missed or told twice."""

import base64
from typing import Annotated

from pydantic import BaseModel, Field

from core.api import InvalidInput

LONGEST_CURSOR = 400


class Page[Item](BaseModel):
    """One page. ``next`` is the cursor of the one after, None at the end."""

    items: list[Item]
    next: str | None = None


class PageQuery(BaseModel, extra="forbid"):
    """Which page."""

    cursor: Annotated[
        str | None, Field(max_length=LONGEST_CURSOR, description="What `next` said; empty for the first.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many items at most.")] = 50

    @property
    def after(self) -> str | None:
        """What the cursor stands for: where the page before ended. Raise ``InvalidInput`` for one not given by us."""
        if not self.cursor:
            return None
        try:
            padded = self.cursor + "=" * (-len(self.cursor) % 4)
            return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except ValueError as err:
            raise InvalidInput("is no cursor that was given out", path="cursor") from err


def cursor_of(place: str) -> str:
    """Return the cursor that stands for a place in a list."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
