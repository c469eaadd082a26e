"""Videos: finished renders in central storage, and those on the way there."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field
from tenants.vault.binding import VaultModel
from tenants.vault.models.project import Project


class VideoStatus(StrEnum):
    """Where a video stands. The last three are for good."""

    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Video(VaultModel):
    """A render of a project's revision; ``job`` is the control plane's. Sizes in bytes and pixels.

    ``storage_key`` is where it lies in storage, ``poster_key`` its poster; both are empty before it is ``ready``.
    ``files`` are all that lie there, by name: each with its ``key``, ``size`` and ``media_type``. ``document`` is the
    timeline that was rendered.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    project: fields.ForeignKeyNullableRelation[Project] = fields.ForeignKeyField(
        "vault.Project", related_name="videos", on_delete=fields.SET_NULL, null=True
    )
    revision: int | None = fields.IntField(null=True)
    title = fields.CharField(max_length=300)
    tags: list[str] = fields.JSONField(default=list)
    document: dict[str, Any] = fields.JSONField(default=dict)
    files: dict[str, Any] = fields.JSONField(default=dict)
    status = word_field(VideoStatus, default=VideoStatus.QUEUED)
    error: str | None = fields.TextField(null=True)
    job: UUID | None = fields.UUIDField(null=True)
    storage_backend = fields.CharField(max_length=100, default="")
    storage_key = fields.CharField(max_length=500, default="")
    poster_key = fields.CharField(max_length=500, default="")
    sha256 = fields.CharField(max_length=64, default="")
    media_type = fields.CharField(max_length=100, default="")
    size: int | None = fields.BigIntField(null=True)
    duration_ms: int | None = fields.BigIntField(null=True)
    width: int | None = fields.IntField(null=True)
    height: int | None = fields.IntField(null=True)
    created: datetime = MomentField(auto_now_add=True)
    ended: datetime | None = MomentField(null=True)

    project_id: UUID | None

    class Meta:
        table = "videos"
        indexes = (("status", "created"), ("created",))
        constraints = (
            one_of("videos", "status", VideoStatus),
            holds("videos", "ready", """"status" <> 'ready' OR ("storage_key" <> '' AND "size" >= 0)"""),
        )
