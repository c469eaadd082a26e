"""Shares: links by which people without an account watch a video."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.moment import MomentField
from tenants.vault.binding import VaultModel
from tenants.vault.models.video import Video


class Share(VaultModel):
    """A link to a video. ``digest`` is the SHA-256 of its secret part, in hexadecimal: the link itself is not kept."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    video: fields.ForeignKeyRelation[Video] = fields.ForeignKeyField(
        "vault.Video", related_name="shares", on_delete=fields.CASCADE
    )
    digest = fields.CharField(max_length=64, unique=True)
    can_download = fields.BooleanField(default=False)
    author: UUID | None = fields.UUIDField(null=True)
    created: datetime = MomentField()
    expires: datetime | None = MomentField(null=True)

    video_id: UUID

    class Meta:
        table = "shares"
        indexes = (("video_id", "created"),)
