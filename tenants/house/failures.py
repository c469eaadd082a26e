"""What a house refuses."""

from core.api import ReelhouseError
from tenants.keys import Sealed


class SealedByAdministrator(Sealed):
    """An administrator sealed the house: its master key is not to be used until that is taken back."""

    def __init__(self) -> None:
        super().__init__("the house was sealed by an administrator", hint="reelhouse unseal")


class NotRotatable(ReelhouseError):
    """The master key comes from a source whose keys are made elsewhere."""

    code = "master_key_not_rotatable"
    status = 409


class RotationUnderWay(ReelhouseError):
    """Another process replaces the master key at this moment."""

    code = "master_rotation_under_way"
    status = 409
