"""The tables as they were at first. Checks come before indexes: for a check SQLite makes a table anew, without them."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from tenants.control.models.job import JobState
from tenants.control.models.key import TenantKeyState
from tenants.control.models.membership import Role
from tenants.control.models.moment import MomentField
from tenants.control.models.plan import Interval
from tenants.control.models.quota import QuotaState
from tenants.control.models.subscription import Provider, SubscriptionState
from tenants.control.models.tenant import TenantState
from tenants.control.models.user import HouseRole, UserState


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                ("sequence", fields.BigIntField(primary_key=True, generated=False)),
                ("at", MomentField()),
                ("actor", fields.CharField(max_length=200)),
                ("tenant", fields.UUIDField(null=True)),
                ("action", fields.CharField(max_length=100)),
                ("target", fields.CharField(max_length=300)),
                ("details", fields.JSONField()),
                ("previous", fields.CharField(max_length=64)),
                ("digest", fields.CharField(unique=True, max_length=64)),
            ],
            options={"table": "audit_entries", "app": "control", "pk_attr": "sequence"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="AuditEntry",
            constraint=CheckConstraint(check='"sequence" >= 1', name="audit_entries_sequence"),
        ),
        ops.AddIndex(
            model_name="AuditEntry",
            index=Index(fields=["tenant", "sequence"]),
        ),
        ops.AddIndex(
            model_name="AuditEntry",
            index=Index(fields=["actor", "sequence"]),
        ),
        ops.AddIndex(
            model_name="AuditEntry",
            index=Index(fields=["action", "sequence"]),
        ),
        ops.CreateModel(
            name="AuditHead",
            fields=[
                ("id", fields.SmallIntField(primary_key=True, generated=False)),
                ("sequence", fields.BigIntField()),
                ("digest", fields.CharField(max_length=64)),
            ],
            options={"table": "audit_head", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="AuditHead",
            constraint=CheckConstraint(check='"id" = 1', name="audit_head_one"),
        ),
        ops.CreateModel(
            name="Plan",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("slug", fields.CharField(unique=True, max_length=63)),
                ("name", fields.CharField(max_length=200)),
                ("limits", fields.JSONField(default=dict)),
                ("price_cents", fields.BigIntField(default=0)),
                ("currency", fields.CharField(default="EUR", max_length=3)),
                (
                    "interval",
                    fields.CharEnumField(default=Interval.MONTH, description="", enum_type=Interval, max_length=32),
                ),
                ("is_public", fields.BooleanField(default=True)),
                ("is_default", fields.BooleanField(default=False)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "plans", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Plan",
            constraint=CheckConstraint(check='"price_cents" >= 0', name="plans_price"),
        ),
        ops.AddConstraint(
            model_name="Plan",
            constraint=CheckConstraint(
                check='length("currency") = 3 AND "currency" = upper("currency")', name="plans_currency"
            ),
        ),
        ops.AddConstraint(
            model_name="Plan",
            constraint=CheckConstraint(check="\"interval\" IN ('month', 'year')", name="plans_interval"),
        ),
        ops.CreateModel(
            name="PluginInstall",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("plugin", fields.CharField(unique=True, max_length=200)),
                ("version", fields.CharField(max_length=64)),
                ("distribution", fields.CharField(max_length=200)),
                ("offered", fields.BooleanField(default=True)),
                ("default_enabled", fields.BooleanField(default=False)),
                ("installed", MomentField(auto_now_add=True)),
            ],
            options={"table": "plugin_installs", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RateCounter",
            fields=[
                ("key", fields.CharField(primary_key=True, max_length=200)),
                ("theoretical_arrival", fields.BigIntField()),
            ],
            options={"table": "rate_counters", "app": "control", "pk_attr": "key"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="RateCounter",
            constraint=CheckConstraint(check='"theoretical_arrival" >= 0', name="rate_counters_arrival"),
        ),
        ops.AddIndex(
            model_name="RateCounter",
            index=Index(fields=["theoretical_arrival"]),
        ),
        ops.CreateModel(
            name="Tenant",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("slug", fields.CharField(unique=True, max_length=63)),
                ("name", fields.CharField(max_length=200)),
                (
                    "state",
                    fields.CharEnumField(
                        default=TenantState.ACTIVE, description="", enum_type=TenantState, max_length=32
                    ),
                ),
                ("limits", fields.JSONField(null=True)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "tenants", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Tenant",
            constraint=CheckConstraint(
                check='"slug" = lower("slug") AND length("slug") > 0', name="tenants_slug_lower"
            ),
        ),
        ops.AddConstraint(
            model_name="Tenant",
            constraint=CheckConstraint(
                check="\"state\" IN ('active', 'suspended', 'erasing', 'erased')", name="tenants_state"
            ),
        ),
        ops.CreateModel(
            name="Job",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        null=True,
                        to_field="id",
                        related_name="jobs",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=64)),
                (
                    "state",
                    fields.CharEnumField(default=JobState.QUEUED, description="", enum_type=JobState, max_length=32),
                ),
                ("payload", fields.JSONField(default=dict)),
                ("due", MomentField()),
                ("attempts", fields.IntField(default=0)),
                ("max_attempts", fields.IntField(default=3)),
                ("lease_until", MomentField(null=True)),
                ("result", fields.JSONField(null=True)),
                ("error", fields.TextField(null=True)),
                ("created", MomentField(auto_now_add=True)),
                ("started", MomentField(null=True)),
                ("ended", MomentField(null=True)),
            ],
            options={"table": "jobs", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Job",
            constraint=CheckConstraint(
                check="\"state\" IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="jobs_state"
            ),
        ),
        ops.AddConstraint(
            model_name="Job",
            constraint=CheckConstraint(check='"attempts" >= 0 AND "max_attempts" >= 1', name="jobs_attempts"),
        ),
        ops.AddConstraint(
            model_name="Job",
            constraint=CheckConstraint(
                check='("state" = \'running\') = ("lease_until" IS NOT NULL)', name="jobs_lease"
            ),
        ),
        ops.AddConstraint(
            model_name="Job",
            constraint=CheckConstraint(
                check="(\"state\" IN ('done', 'failed', 'cancelled')) = (\"ended\" IS NOT NULL)", name="jobs_end"
            ),
        ),
        ops.AddIndex(
            model_name="Job",
            index=Index(fields=["state", "due"]),
        ),
        ops.AddIndex(
            model_name="Job",
            index=Index(fields=["state", "lease_until"]),
        ),
        ops.AddIndex(
            model_name="Job",
            index=Index(fields=["tenant_id", "created"]),
        ),
        ops.CreateModel(
            name="PluginChoice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="plugin_choices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("plugin", fields.CharField(max_length=200)),
                ("enabled", fields.BooleanField()),
            ],
            options={"table": "plugin_choices", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PluginChoice",
            constraint=UniqueConstraint(fields=("tenant", "plugin")),
        ),
        ops.AddIndex(
            model_name="PluginChoice",
            index=Index(fields=["plugin"]),
        ),
        ops.CreateModel(
            name="QuotaEntry",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="quota_entries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("metric", fields.CharField(max_length=64)),
                ("amount", fields.BigIntField()),
                (
                    "state",
                    fields.CharEnumField(
                        default=QuotaState.RESERVED, description="", enum_type=QuotaState, max_length=32
                    ),
                ),
                ("reference", fields.CharField(max_length=200)),
                ("period", fields.CharField(max_length=32)),
                ("expires", MomentField(null=True)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "quota_entries", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="QuotaEntry",
            constraint=CheckConstraint(
                check="\"state\" IN ('reserved', 'settled', 'released')", name="quota_entries_state"
            ),
        ),
        ops.AddConstraint(
            model_name="QuotaEntry",
            constraint=CheckConstraint(check='"amount" >= 0', name="quota_entries_amount"),
        ),
        ops.AddConstraint(
            model_name="QuotaEntry",
            constraint=UniqueConstraint(fields=("tenant", "metric", "reference")),
        ),
        ops.AddIndex(
            model_name="QuotaEntry",
            index=Index(fields=["state", "expires"]),
        ),
        ops.AddIndex(
            model_name="QuotaEntry",
            index=Index(fields=["tenant_id", "metric", "period"]),
        ),
        ops.CreateModel(
            name="QuotaTotal",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="quota_totals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("metric", fields.CharField(max_length=64)),
                ("period", fields.CharField(max_length=32)),
                ("used", fields.BigIntField(default=0)),
                ("reserved", fields.BigIntField(default=0)),
            ],
            options={"table": "quota_totals", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="QuotaTotal",
            constraint=CheckConstraint(check='"used" >= 0 AND "reserved" >= 0', name="quota_totals_amounts"),
        ),
        ops.AddConstraint(
            model_name="QuotaTotal",
            constraint=UniqueConstraint(fields=("tenant", "metric", "period")),
        ),
        ops.CreateModel(
            name="StoredObject",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="objects",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("backend", fields.CharField(max_length=64)),
                ("key", fields.CharField(max_length=1024)),
                ("sha256", fields.CharField(max_length=64)),
                ("size", fields.BigIntField()),
                ("purpose", fields.CharField(max_length=32)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "stored_objects", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StoredObject",
            constraint=CheckConstraint(
                check='length("sha256") = 64 AND "sha256" = lower("sha256")', name="stored_objects_sha256"
            ),
        ),
        ops.AddConstraint(
            model_name="StoredObject",
            constraint=CheckConstraint(check='"size" >= 0', name="stored_objects_size"),
        ),
        ops.AddConstraint(
            model_name="StoredObject",
            constraint=UniqueConstraint(fields=("backend", "key")),
        ),
        ops.AddIndex(
            model_name="StoredObject",
            index=Index(fields=["tenant_id", "purpose", "created"]),
        ),
        ops.AddIndex(
            model_name="StoredObject",
            index=Index(fields=["tenant_id", "sha256"]),
        ),
        ops.CreateModel(
            name="Subscription",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="subscriptions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "plan",
                    fields.ForeignKeyField(
                        "control.Plan",
                        source_field="plan_id",
                        to_field="id",
                        related_name="subscriptions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharEnumField(description="", enum_type=SubscriptionState, max_length=32)),
                (
                    "provider",
                    fields.CharEnumField(default=Provider.MANUAL, description="", enum_type=Provider, max_length=32),
                ),
                ("external_id", fields.CharField(null=True, max_length=255)),
                ("period_start", MomentField(null=True)),
                ("period_end", MomentField(null=True)),
                ("cancel_at_period_end", fields.BooleanField(default=False)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "subscriptions", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Subscription",
            constraint=CheckConstraint(
                check="\"state\" IN ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'canceled', 'paused')",
                name="subscriptions_state",
            ),
        ),
        ops.AddConstraint(
            model_name="Subscription",
            constraint=CheckConstraint(check="\"provider\" IN ('manual', 'stripe')", name="subscriptions_provider"),
        ),
        ops.AddConstraint(
            model_name="Subscription",
            constraint=CheckConstraint(check='"period_end" >= "period_start"', name="subscriptions_period"),
        ),
        ops.AddConstraint(
            model_name="Subscription",
            constraint=UniqueConstraint(fields=("provider", "external_id")),
        ),
        ops.AddIndex(
            model_name="Subscription",
            index=Index(fields=["tenant_id", "created"]),
        ),
        ops.AddIndex(
            model_name="Subscription",
            index=Index(fields=["plan_id"]),
        ),
        ops.CreateModel(
            name="TenantKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="keys",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                ("wrapped", fields.BinaryField()),
                ("master_id", fields.CharField(max_length=255)),
                ("wrap_version", fields.IntField(default=1)),
                (
                    "state",
                    fields.CharEnumField(
                        default=TenantKeyState.ACTIVE, description="", enum_type=TenantKeyState, max_length=32
                    ),
                ),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "tenant_keys", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="TenantKey",
            constraint=CheckConstraint(
                check="\"state\" IN ('active', 'decrypt_only', 'shredded')", name="tenant_keys_state"
            ),
        ),
        ops.AddConstraint(
            model_name="TenantKey",
            constraint=CheckConstraint(check='"version" >= 1 AND "wrap_version" >= 1', name="tenant_keys_versions"),
        ),
        ops.AddConstraint(
            model_name="TenantKey",
            constraint=CheckConstraint(
                check='("state" = \'shredded\') = (length("wrapped") = 0)', name="tenant_keys_shredded"
            ),
        ),
        ops.AddConstraint(
            model_name="TenantKey",
            constraint=UniqueConstraint(fields=("tenant", "version")),
        ),
        ops.AddIndex(
            model_name="TenantKey",
            index=Index(fields=["master_id"]),
        ),
        ops.CreateModel(
            name="User",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("email", fields.CharField(unique=True, max_length=254)),
                ("name", fields.CharField(max_length=200)),
                ("password_hash", fields.CharField(null=True, max_length=255)),
                ("locale", fields.CharField(default="en", max_length=35)),
                ("house_role", fields.CharEnumField(null=True, description="", enum_type=HouseRole, max_length=32)),
                (
                    "state",
                    fields.CharEnumField(default=UserState.ACTIVE, description="", enum_type=UserState, max_length=32),
                ),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "users", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="User",
            constraint=CheckConstraint(check='"email" = lower("email")', name="users_email_lower"),
        ),
        ops.AddConstraint(
            model_name="User",
            constraint=CheckConstraint(check="\"house_role\" IN ('admin', 'support')", name="users_house_role"),
        ),
        ops.AddConstraint(
            model_name="User",
            constraint=CheckConstraint(check="\"state\" IN ('active', 'disabled')", name="users_state"),
        ),
        ops.CreateModel(
            name="Membership",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "control.User",
                        source_field="user_id",
                        to_field="id",
                        related_name="memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("role", fields.CharEnumField(description="", enum_type=Role, max_length=32)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "memberships", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Membership",
            constraint=CheckConstraint(check="\"role\" IN ('owner', 'editor', 'viewer')", name="memberships_role"),
        ),
        ops.AddConstraint(
            model_name="Membership",
            constraint=UniqueConstraint(fields=("tenant", "user")),
        ),
        ops.AddIndex(
            model_name="Membership",
            index=Index(fields=["user_id"]),
        ),
        ops.CreateModel(
            name="VaultAnchor",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        to_field="id",
                        related_name="vault_anchors",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("epoch", fields.BigIntField(default=0)),
                ("digest", fields.CharField(max_length=128)),
                ("schema", fields.CharField(max_length=100)),
                ("updated", MomentField(auto_now=True)),
                ("quarantined", fields.TextField(null=True)),
            ],
            options={"table": "vault_anchors", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="VaultAnchor",
            constraint=CheckConstraint(check='"epoch" >= 0', name="vault_anchors_epoch"),
        ),
        ops.AddConstraint(
            model_name="VaultAnchor",
            constraint=UniqueConstraint(fields=("tenant",)),
        ),
    ]
