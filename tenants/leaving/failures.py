"""What can go wrong when a tenant leaves.

ReelhouseError
├── NotConfirmed         no owner has confirmed the erasure, or too long ago, or of another tenant
├── StoreClosed          files lie in a storage backend that is not open
├── CertificateInvalid   this is no certificate of erasure that the house signed
└── ExportBusy           another export writes to the same file
"""

from core.api import ReelhouseError


class NotConfirmed(ReelhouseError):
    """No owner of the tenant has confirmed the erasure, or not within the last quarter of an hour."""

    code = "erasure_not_confirmed"
    status = 403


class StoreClosed(ReelhouseError):
    """Files of the tenant lie in storage backends that are not open; ``backends`` names them."""

    code = "storage_not_open"
    status = 503

    def __init__(self, backends: list[str]) -> None:
        super().__init__(
            f"files lie in storage that is not open: {', '.join(backends)}",
            hint="Enable the plugin of that storage, and start again: nothing is lost.",
        )
        self.backends = backends


class CertificateInvalid(ReelhouseError):
    """No certificate of erasure, or one that was changed, or that another house signed."""

    code = "certificate_invalid"
    status = 422


class ExportBusy(ReelhouseError):
    """Another export writes to the same file."""

    code = "export_busy"
    status = 409
