"""What the guard refuses."""

from core.api import CapabilityDenied


class EgressDenied(CapabilityDenied):
    """A request may not go where it is meant to: to that host, that address, in that way."""

    code = "egress_denied"
