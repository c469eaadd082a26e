"""Plugin configurations: what a tenant has set of a plugin."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.checks import holds
from tenants.control.models.moment import MomentField
from tenants.vault.binding import VaultModel


class PluginConfig(VaultModel):
    """A plugin's configuration. ``secrets`` is a JSON object, sealed whole for this row and ``version``.

    ``hints`` tells what may be shown of each secret: its last four characters and its fingerprint.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    plugin = fields.CharField(max_length=200, unique=True)
    config: dict[str, Any] = fields.JSONField(default=dict)
    version = fields.IntField(default=1)
    key_version = fields.IntField(default=1)
    secrets: bytes | None = fields.BinaryField(null=True)
    hints: dict[str, Any] = fields.JSONField(default=dict)
    updated: datetime = MomentField(auto_now=True)

    class Meta:
        table = "plugin_configs"
        constraints = (holds("plugin_configs", "versions", '"version" >= 1 AND "key_version" >= 1'),)
