"""Plugins: what is installed in the house, and what each tenant chose of it."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from tenants.control.models.moment import MomentField
from tenants.control.models.tenant import Tenant


class PluginInstall(Model):
    """A plugin of the house. ``plugin`` is its id, ``distribution`` the Python distribution that brought it.

    One that is not ``offered`` is switched off for every tenant, whatever it chose.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    plugin = fields.CharField(max_length=200, unique=True)
    version = fields.CharField(max_length=64)
    distribution = fields.CharField(max_length=200)
    offered = fields.BooleanField(default=True)
    default_enabled = fields.BooleanField(default=False)
    installed: datetime = MomentField(auto_now_add=True)

    class Meta:
        table = "plugin_installs"


class PluginChoice(Model):
    """A tenant's word on a plugin, in place of the house's default. It outlasts the plugin's being installed."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    tenant: fields.ForeignKeyRelation[Tenant] = fields.ForeignKeyField(
        "control.Tenant", related_name="plugin_choices", on_delete=fields.RESTRICT
    )
    plugin = fields.CharField(max_length=200)
    enabled = fields.BooleanField()

    tenant_id: UUID

    class Meta:
        table = "plugin_choices"
        unique_together = (("tenant", "plugin"),)
        indexes = (("plugin",),)
