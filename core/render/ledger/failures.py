"""What keeps a ledger from keeping.

LedgerFailed        the ledger's folder can't be written
└── StoreFailed     the store behind a ledger does not do what it is asked
"""

from core.api import ReelhouseError


class LedgerFailed(ReelhouseError):
    """The ledger's folder can't be written: the disk is full, or it is not ours."""

    code = "ledger_failed"
    status = 507


class StoreFailed(LedgerFailed):
    """The store behind a ledger does not do what it is asked: it can't be reached, refuses us, or is full."""

    code = "ledger_store_failed"
    status = 503
