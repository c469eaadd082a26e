"""Projects: saved timelines, with all of their revisions."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField
from tenants.vault.binding import VaultModel


class Project(VaultModel):
    """A timeline that is worked on. ``revision`` is the number of its newest revision, 0 while there is none."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    name = fields.CharField(max_length=200)
    description = fields.TextField(default="")
    folder = fields.CharField(max_length=500, default="")
    tags: list[str] = fields.JSONField(default=list)
    revision = fields.IntField(default=0)
    created: datetime = MomentField(auto_now_add=True)
    updated: datetime = MomentField(auto_now=True)
    archived: datetime | None = MomentField(null=True)

    revisions: fields.ReverseRelation["Revision"]

    class Meta:
        table = "projects"
        indexes = (("folder", "name"), ("updated",))
        constraints = (holds("projects", "revision", '"revision" >= 0'),)


class Revision(VaultModel):
    """A timeline's document at one moment. It is never changed; ``number`` counts a project's from 1."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    project: fields.ForeignKeyRelation[Project] = fields.ForeignKeyField(
        "vault.Project", related_name="revisions", on_delete=fields.CASCADE
    )
    number = fields.IntField()
    document: dict[str, Any] = fields.JSONField()
    note = fields.CharField(max_length=500, default="")
    author: UUID | None = fields.UUIDField(null=True)
    created: datetime = MomentField(auto_now_add=True)

    project_id: UUID

    class Meta:
        table = "revisions"
        unique_together = (("project", "number"),)
        constraints = (holds("revisions", "number", '"number" >= 1'),)
