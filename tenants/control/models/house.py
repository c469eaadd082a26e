"""The house itself: what is known of it before any tenant is."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField


class House(Model):
    """The one row that says which house this is; the migration that makes the table makes it.

    Keys are wrapped for ``instance``, vaults belong to it: what comes from another house is refused. ``sealed`` is when
    an administrator sealed it: until that is taken back, no process opens a tenant's key.
    """

    id = fields.IntField(primary_key=True, generated=False)
    instance: UUID = fields.UUIDField()
    sealed: datetime | None = MomentField(null=True)
    created: datetime = MomentField(auto_now_add=True)

    class Meta:
        table = "house"
        constraints = (holds("house", "one", '"id" = 1'),)
