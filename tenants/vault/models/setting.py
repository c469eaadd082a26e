"""Settings: what a tenant has set for itself."""

from datetime import datetime
from typing import Any

from tortoise import fields

from tenants.control.models.moment import MomentField
from tenants.vault.binding import VaultModel
from tenants.vault.models.json_value import JsonValueField


class Setting(VaultModel):
    """One setting, by its name. The value is anything that JSON can hold, never a secret."""

    name = fields.CharField(primary_key=True, max_length=100)
    value: Any = JsonValueField(null=True)
    updated: datetime = MomentField(auto_now=True)

    class Meta:
        table = "settings"
