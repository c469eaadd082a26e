"""Unsealing a host's house: at its start, and whenever the master key comes back."""

import logging
from datetime import datetime, timedelta

from tenants.house.duties import Duty
from tenants.house.house import House
from tenants.keys import MasterKeyInvalid, MasterUnavailable, Sealed, WrongPassphrase

SEALING = (Sealed, MasterKeyInvalid, MasterUnavailable, WrongPassphrase)
"""Why a house stays sealed. Anything else is no reason to serve."""

_log = logging.getLogger(__name__)


async def unsealed(house: House) -> str | None:
    """Unseal a house if its master key is at hand; return why it stays sealed, None if it does not."""
    try:
        await house.unseal()
    except SEALING as err:
        return f"{err}. {err.hint}" if err.hint else str(err)
    return None


def unsealing(house: House) -> Duty:
    """Return the duty that unseals a house as soon as its master key is there, and tells once why it is not."""
    told: str | None = None

    async def unseal(_now: datetime) -> None:
        nonlocal told
        if not house.is_sealed:
            told = None
            return
        reason = await unsealed(house)
        if reason is None:
            _log.info("the house is unsealed")
        elif reason != told:
            _log.warning("the house is sealed: %s", reason)
        told = reason

    return Duty(name="unseal the house", every=timedelta(seconds=5), do=unseal)
