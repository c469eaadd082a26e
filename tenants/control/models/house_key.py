"""Keys of the house's own, wrapped by a master key. ``tenants.accounts.house_keys`` makes and reads them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.checks import one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field


class KeyPurpose(StrEnum):
    """What a house key is for."""

    TOKENS = "tokens"
    FIELDS = "fields"


class HouseKey(Model):
    """A random key. Of one purpose the newest is used, the others until ``retired``, NULL for not yet."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    purpose = word_field(KeyPurpose)
    wrapped = fields.BinaryField()
    master_id = fields.CharField(max_length=255)
    created: datetime = MomentField()
    retired: datetime | None = MomentField(null=True)

    class Meta:
        table = "house_keys"
        constraints = (one_of("house_keys", "purpose", KeyPurpose),)
