"""Assets: media in a tenant's library, with where they come from and how they may be used."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields

from core.api import AssetKind
from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field
from tenants.vault.binding import VaultModel


class Asset(VaultModel):
    """A file of the library; the bytes lie in storage, under ``storage_key``.

    ``provider`` and ``provider_id`` name what a plugin delivered, both are empty for an upload; ``provenance`` holds
    what else is known of its making (model, seed, prompt, search words). The licence is as ``core.api.Licence`` has it.
    Sizes in bytes and pixels, ``duration_ms`` in milliseconds, ``frame_rate`` as a fraction (``30000/1001``).
    ``files`` are what it is shown by (a small copy, a picture, its waveform), by name as a video's are.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    kind = word_field(AssetKind)
    title = fields.CharField(max_length=300)
    folder = fields.CharField(max_length=500, default="")
    tags: list[str] = fields.JSONField(default=list)
    storage_backend = fields.CharField(max_length=100)
    storage_key = fields.CharField(max_length=500)
    sha256 = fields.CharField(max_length=64)
    size = fields.BigIntField()
    media_type = fields.CharField(max_length=100)
    provider = fields.CharField(max_length=200, default="")
    provider_id = fields.CharField(max_length=500, default="")
    creator = fields.CharField(max_length=300, default="")
    source_url = fields.TextField(default="")
    provenance: dict[str, Any] = fields.JSONField(default=dict)
    licence = fields.CharField(max_length=100, default="")
    licence_url = fields.TextField(default="")
    attribution = fields.TextField(default="")
    licence_flags: list[str] = fields.JSONField(default=list)
    width: int | None = fields.IntField(null=True)
    height: int | None = fields.IntField(null=True)
    duration_ms: int | None = fields.BigIntField(null=True)
    frame_rate = fields.CharField(max_length=32, default="")
    video_codec = fields.CharField(max_length=32, default="")
    audio_codec = fields.CharField(max_length=32, default="")
    sample_rate: int | None = fields.IntField(null=True)
    channels: int | None = fields.IntField(null=True)
    has_alpha = fields.BooleanField(default=False)
    files: dict[str, Any] = fields.JSONField(default=dict)
    created: datetime = MomentField(auto_now_add=True)
    deleted: datetime | None = MomentField(null=True)

    class Meta:
        table = "assets"
        indexes = (("folder", "created"), ("kind", "created"), ("provider", "provider_id"), ("sha256",))
        constraints = (one_of("assets", "kind", AssetKind), holds("assets", "size", '"size" >= 0'))
