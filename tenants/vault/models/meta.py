"""Meta: whose vault this is, and of which moment. One row."""

from uuid import UUID

from tortoise import fields

from tenants.control.models.checks import holds
from tenants.vault.binding import VaultModel


class Meta(VaultModel):
    """The vault's own state.

    ``epoch`` counts writes of secrets, ``digest`` covers them all as they are at this epoch
    (``tenants.vault.digests``), ``schema`` names the last migration. ``is_open`` is true within a transaction that may
    write secrets: triggers refuse others.
    """

    id = fields.SmallIntField(primary_key=True, generated=False)
    tenant: UUID = fields.UUIDField()
    instance: UUID = fields.UUIDField()
    epoch = fields.BigIntField(default=0)
    digest = fields.CharField(max_length=32)
    schema = fields.CharField(max_length=100)
    is_open = fields.BooleanField(default=False)

    class Meta:
        table = "meta"
        constraints = (holds("meta", "one", '"id" = 1 AND "epoch" >= 0'),)
