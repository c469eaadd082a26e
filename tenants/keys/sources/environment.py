"""The master key in the environment, which it leaves when it is read."""

from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.hygiene import take_variable
from tenants.keys.master import LocalMasterKey
from tenants.keys.sources.request import MasterRequest
from tenants.keys.sources.text import keys_of

VARIABLE = "REELHOUSE_MASTER_KEY"


def environment_source(request: MasterRequest) -> tuple[LocalMasterKey, ...]:  # noqa: ARG001  # every source's form
    """Read ``REELHOUSE_MASTER_KEY`` and remove it: no child inherits it. Once in a process: it is gone then."""
    text = take_variable(VARIABLE)
    if text is None:
        raise MasterKeyInvalid(f"{VARIABLE} is not set, or was read before", hint="Start anew with it set.")
    return tuple(map(LocalMasterKey, keys_of(text, name=VARIABLE)))
