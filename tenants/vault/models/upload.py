"""Uploads: files that are on their way into the library."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField
from tenants.vault.binding import VaultModel


class Upload(VaultModel):
    """A file that comes in parts. ``size`` in bytes, all of it; how much has come is the size of its staging file.

    It is gone when it ``expires`` without being complete. ``job`` is the control plane's that takes it
    into the library.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    filename = fields.CharField(max_length=300)
    media_type = fields.CharField(max_length=100, default="")
    folder = fields.CharField(max_length=500, default="")
    size = fields.BigIntField()
    user: UUID | None = fields.UUIDField(null=True)
    job: UUID | None = fields.UUIDField(null=True)
    created: datetime = MomentField()
    expires: datetime = MomentField()

    class Meta:
        table = "uploads"
        indexes = (("expires",),)
        constraints = (holds("uploads", "size", '"size" >= 0'),)
