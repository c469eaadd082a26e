"""``/admin/backups``: when the house was backed up last, and when restoring was tried last with success."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from quart import Blueprint

from tenants.backups.drilling import last_drill
from tenants.backups.noting import last_backup
from tenants.control.roles import HousePermission
from webshell.api.endpoint import Rules, endpoint
from webshell.shell import shell

admin_backups = Blueprint("admin_backups", __name__, url_prefix="/admin/backups")


class BackupShown(BaseModel, from_attributes=True):
    """A backup that was made: how many vaults it holds, and how many could not be copied."""

    at: datetime
    sequence: int
    vaults: int
    failed: int


class DrillShown(BaseModel, from_attributes=True):
    """A backup that was restored apart from the house, and compared with what was written."""

    at: datetime
    sequence: int
    vaults: int
    rows: int


class Backups(BaseModel):
    """The last backup and the last drill that succeeded."""

    scheduled: Annotated[bool, Field(description="Whether this host makes backups by itself.")]
    drilled: Annotated[bool, Field(description="Whether this host tries restoring by itself.")]
    last: BackupShown | None
    last_drill: DrillShown | None


@endpoint(admin_backups, "", "GET", Rules(needs=HousePermission.READ_SYSTEM, gives={200: Backups}))
async def show_backups() -> Backups:
    """Show the last backup, and the last drill that succeeded."""
    settings = shell().settings.tables.backup
    made, tried = await last_backup(), await last_drill()
    return Backups(
        scheduled=bool(settings.store),
        drilled=bool(settings.store and settings.drill_key),
        last=BackupShown.model_validate(made) if made else None,
        last_drill=DrillShown.model_validate(tried) if tried else None,
    )
