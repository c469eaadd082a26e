"""What can go wrong with backups.

ReelhouseError
├── BackupRefused       what the store holds is not what the house wrote, or is not all of it
├── BackupKeysExpired   the keys that would open the set are past their retention
├── BackupNewer         a newer Reelhouse wrote the set
├── BackupBusy          another process makes a backup, prunes or restores here
└── HomeOccupied        there is a house already where one was to be restored
"""

from core.api import ReelhouseError


class BackupRefused(ReelhouseError):
    """A backup was changed, cut off, swapped, put back to an older state, or is not for this key."""

    code = "backup_refused"
    status = 422


class BackupKeysExpired(ReelhouseError):
    """No copy of the tenants' keys is left that belongs to the set."""

    code = "backup_keys_expired"
    status = 410


class BackupNewer(ReelhouseError):
    """The set was written by a Reelhouse that knows migrations which this one does not."""

    code = "backup_newer"
    status = 409


class BackupBusy(ReelhouseError):
    """Another process works on the backups of this house."""

    code = "backup_busy"
    status = 409


class HomeOccupied(ReelhouseError):
    """A house is never restored over another."""

    code = "home_occupied"
    status = 409
