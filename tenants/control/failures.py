"""What can go wrong with the control plane.

ReelhouseError
├── ControlUnavailable      the database can't be reached or opened
├── DatabaseNewer           the database was written by a newer Reelhouse
├── DatabaseBroken          the database holds what can't be
├── AuditBroken             an audit entry can't be written: what it tells of must not happen
├── WitnessUnreadable       the notes of the audit's heads can't be read
├── LeaseLost               a job belongs to another worker by now, or to nobody
├── Taken                   a name that must be unique is in use
├── LastOwner               a tenant keeps at least one owner
└── WrongState              what was asked for is not possible in this state
"""

from collections.abc import Sequence

from core.api import ReelhouseError


class ControlUnavailable(ReelhouseError):
    """The database can't be reached or opened."""

    code = "control_unavailable"
    status = 503


class DatabaseNewer(ReelhouseError):
    """The database was written by a newer Reelhouse; ``unknown`` names the migrations that this one does not know."""

    code = "database_newer"
    status = 503

    def __init__(self, unknown: Sequence[str]) -> None:
        super().__init__(
            f"the database was written by a newer Reelhouse (unknown: {', '.join(unknown)})",
            hint="Start the newer version, or restore a backup that was made before.",
        )
        self.unknown = tuple(unknown)


class DatabaseBroken(ReelhouseError):
    """The database holds what can't be: rows that refer to rows that are gone."""

    code = "database_broken"
    status = 503


class AuditBroken(ReelhouseError):
    """An audit entry can't be written: what it tells of must not happen."""

    code = "audit_broken"
    status = 503


class WitnessUnreadable(ReelhouseError):
    """The notes of the audit's heads can't be read, or were tampered with."""

    code = "witness_unreadable"
    status = 500


class LeaseLost(ReelhouseError):
    """A job belongs to another worker by now, or to nobody: stop, and keep nothing of its results."""

    code = "lease_lost"
    status = 409


class Taken(ReelhouseError):
    """A name that must be unique is in use."""

    code = "taken"
    status = 409


class LastOwner(ReelhouseError):
    """A tenant keeps at least one owner."""

    code = "last_owner"
    status = 409


class WrongState(ReelhouseError):
    """What was asked for is not possible in the state that something is in."""

    code = "wrong_state"
    status = 409
