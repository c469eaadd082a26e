"""Templates: timelines with places that are filled in."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.moment import MomentField
from tenants.vault.binding import VaultModel


class Template(VaultModel):
    """A timeline whose ``variables`` are what is filled in; ``places`` say of each how it is asked for."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    name = fields.CharField(max_length=200)
    description = fields.TextField(default="")
    document: dict[str, Any] = fields.JSONField()
    places: list[dict[str, Any]] = fields.JSONField(default=list)
    created: datetime = MomentField(auto_now_add=True)
    updated: datetime = MomentField(auto_now=True)

    class Meta:
        table = "templates"
        indexes = (("updated",),)
