"""Tables: what of a tenant lies where, for its export and its erasure."""

from collections.abc import Mapping

from tortoise.models import Model

from tenants.control.models.anchor import VaultAnchor
from tenants.control.models.api_token import ApiToken
from tenants.control.models.event import Event
from tenants.control.models.job import Job
from tenants.control.models.membership import Membership
from tenants.control.models.object import StoredObject
from tenants.control.models.one_time_token import OneTimeToken
from tenants.control.models.plugin import PluginChoice
from tenants.control.models.quota import QuotaEntry, QuotaTotal
from tenants.control.models.subscription import Subscription
from tenants.vault.models.api_key import ApiKey
from tenants.vault.models.asset import Asset
from tenants.vault.models.notification import Notification
from tenants.vault.models.plugin_config import PluginConfig
from tenants.vault.models.project import Project, Revision
from tenants.vault.models.setting import Setting
from tenants.vault.models.share import Share
from tenants.vault.models.template import Template
from tenants.vault.models.usage import UsageEvent
from tenants.vault.models.video import Video
from tenants.vault.models.webhook import Delivery, Webhook

VAULT_TABLES: Mapping[str, type[Model]] = {
    "api_keys": ApiKey,
    "assets": Asset,
    "deliveries": Delivery,
    "notifications": Notification,
    "plugin_configs": PluginConfig,
    "projects": Project,
    "revisions": Revision,
    "settings": Setting,
    "shares": Share,
    "templates": Template,
    "usage_events": UsageEvent,
    "videos": Video,
    "webhooks": Webhook,
}
"""All that lies in a vault; ``Meta`` says nothing of the tenant's own."""

CONTROL_TABLES: Mapping[str, type[Model]] = {
    "jobs": Job,
    "memberships": Membership,
    "plugin_choices": PluginChoice,
    "quota_entries": QuotaEntry,
    "quota_totals": QuotaTotal,
    "stored_objects": StoredObject,
    "subscriptions": Subscription,
}
"""The control plane's rows of a tenant. Beside them: the tenant itself, its audit, its keys, its anchor."""

ERASED_TABLES: Mapping[str, type[Model]] = {
    **CONTROL_TABLES,
    "api_tokens": ApiToken,
    "events": Event,
    "one_time_tokens": OneTimeToken,
    "vault_anchors": VaultAnchor,
}
"""The rows that an erasure removes. Keys stay as empty rows, so that no other can be made; the audit stays."""
