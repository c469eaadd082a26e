"""What a house refuses."""

from core.api import ReelhouseError


class NotRotatable(ReelhouseError):
    """The master key comes from a source whose keys are made elsewhere."""

    code = "master_key_not_rotatable"
    status = 409
