"""The schedule: when the next backup, and the next drill, is due. Whoever runs jobs asks from time to time."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A backup every ``every``, and ``settle`` after the last of a row of changes, but ``patience`` after the first.

    A drill every ``drill_every``.
    """

    every: timedelta = timedelta(hours=24)
    settle: timedelta = timedelta(seconds=20)
    patience: timedelta = timedelta(seconds=60)
    drill_every: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The first and the last change since the last backup."""

    first: datetime
    last: datetime

    def then(self, at: datetime) -> "Changes":
        """Return the changes with one more."""
        return Changes(first=self.first, last=max(self.last, at))


def due(now: datetime, *, last: datetime | None, changes: Changes | None, schedule: Schedule) -> bool:
    """Tell whether a backup is due; ``last`` is when the last one was made."""
    if last is None or now - last >= schedule.every:
        return True
    return changes is not None and (now - changes.last >= schedule.settle or now - changes.first >= schedule.patience)


def drill_due(now: datetime, *, last: datetime | None, schedule: Schedule) -> bool:
    """Tell whether a drill is due; ``last`` is when the last one succeeded."""
    return last is None or now - last >= schedule.drill_every
