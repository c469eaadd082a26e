"""Traces: what of a tenant lies in a house's home beside its vault: uploads, pieces of renders, plugins' folders."""

import shutil
from pathlib import Path
from uuid import UUID

from core.host.opening import OWNERS_FOLDER
from core.render.ledger import Ledger
from core.render.site import LEDGER

UPLOADS, STUDIO = "uploads", "studio"
"""Folders of the home that have one for each tenant."""


def remove_traces(home: Path, tenant: UUID) -> None:
    """Remove all of a tenant's files in the home but its vault; a second time there is nothing to remove.

    Raise ``OSError``, ``LedgerFailed`` for what can't be removed.
    """
    Ledger(home / LEDGER, owner=str(tenant)).forget()
    for folder in (OWNERS_FOLDER, UPLOADS, STUDIO):
        if (place := home / folder / str(tenant)).exists():
            shutil.rmtree(place)
