"""The ledger: finished pieces, each kept under the key of all that it depends on, for its owner alone.

``Ledger`` keeps them in a folder, ``StoredLedger`` in a store that other machines reach too; ``SharedFiles`` brings
the files that work is done on to those machines.
"""

from core.render.ledger.failures import LedgerFailed, StoreFailed
from core.render.ledger.files import SharedFiles
from core.render.ledger.folder import CHECKSUM, LEFT_AFTER, LIMIT, PIECE, Ledger
from core.render.ledger.stored import StoredLedger

__all__ = [
    "CHECKSUM",
    "LEFT_AFTER",
    "LIMIT",
    "PIECE",
    "Ledger",
    "LedgerFailed",
    "SharedFiles",
    "StoreFailed",
    "StoredLedger",
]
