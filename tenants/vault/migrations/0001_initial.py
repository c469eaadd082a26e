"""The tables as they were at first. Checks come before indexes: for a check SQLite makes a table anew, without them."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from core.api.providers import AssetKind
from tenants.control.models.moment import MomentField
from tenants.vault.guarding import guarding
from tenants.vault.models.api_key import ApiKeyState, Proof
from tenants.vault.models.json_value import JsonValueField
from tenants.vault.models.notification import Level
from tenants.vault.models.video import VideoStatus

SECRETS = {"api_keys": ("state", "expires", "secret", "next_secret"), "plugin_configs": ("secrets",)}


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ApiKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("provider", fields.CharField(max_length=200)),
                ("label", fields.CharField(max_length=100)),
                (
                    "state",
                    fields.CharEnumField(
                        default=ApiKeyState.ACTIVE, description="", enum_type=ApiKeyState, max_length=32
                    ),
                ),
                ("proof", fields.CharEnumField(default=Proof.UNTESTED, description="", enum_type=Proof, max_length=32)),
                ("version", fields.IntField(default=1)),
                ("key_version", fields.IntField()),
                ("secret", fields.BinaryField(null=True)),
                ("last_four", fields.CharField(max_length=4)),
                ("fingerprint", fields.CharField(max_length=32)),
                ("next_secret", fields.BinaryField(null=True)),
                ("next_last_four", fields.CharField(null=True, max_length=4)),
                ("next_fingerprint", fields.CharField(null=True, max_length=32)),
                ("next_since", MomentField(null=True)),
                ("created", MomentField()),
                ("tested", MomentField(null=True)),
                ("rotated", MomentField(null=True)),
                ("expires", MomentField(null=True)),
                ("revoked", MomentField(null=True)),
                ("last_used", MomentField(null=True)),
                ("budget_calls", fields.BigIntField(null=True)),
                ("budget_money", fields.BigIntField(null=True)),
                ("currency", fields.CharField(default="USD", max_length=3)),
                ("month", fields.CharField(default="", max_length=7)),
                ("calls", fields.BigIntField(default=0)),
                ("money", fields.BigIntField(default=0)),
            ],
            options={"table": "api_keys", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ApiKey",
            constraint=CheckConstraint(check="\"state\" IN ('active', 'revoked')", name="api_keys_state"),
        ),
        ops.AddConstraint(
            model_name="ApiKey",
            constraint=CheckConstraint(check="\"proof\" IN ('untested', 'accepted', 'refused')", name="api_keys_proof"),
        ),
        ops.AddConstraint(
            model_name="ApiKey",
            constraint=CheckConstraint(check='("state" = \'revoked\') = ("secret" IS NULL)', name="api_keys_tombstone"),
        ),
        ops.AddConstraint(
            model_name="ApiKey",
            constraint=CheckConstraint(
                check='("next_secret" IS NULL) = ("next_fingerprint" IS NULL)', name="api_keys_next"
            ),
        ),
        ops.AddConstraint(
            model_name="ApiKey",
            constraint=CheckConstraint(
                check='"calls" >= 0 AND "money" >= 0 AND "version" >= 1 AND "key_version" >= 1', name="api_keys_counts"
            ),
        ),
        ops.AddIndex(model_name="ApiKey", index=Index(fields=["provider", "created"])),
        ops.AddIndex(model_name="ApiKey", index=Index(fields=["fingerprint"])),
        ops.CreateModel(
            name="Asset",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("kind", fields.CharEnumField(description="", enum_type=AssetKind, max_length=32)),
                ("title", fields.CharField(max_length=300)),
                ("folder", fields.CharField(default="", max_length=500)),
                ("tags", fields.JSONField(default=list)),
                ("storage_backend", fields.CharField(max_length=100)),
                ("storage_key", fields.CharField(max_length=500)),
                ("sha256", fields.CharField(max_length=64)),
                ("size", fields.BigIntField()),
                ("media_type", fields.CharField(max_length=100)),
                ("provider", fields.CharField(default="", max_length=200)),
                ("provider_id", fields.CharField(default="", max_length=500)),
                ("creator", fields.CharField(default="", max_length=300)),
                ("source_url", fields.TextField(default="")),
                ("provenance", fields.JSONField(default=dict)),
                ("licence", fields.CharField(default="", max_length=100)),
                ("licence_url", fields.TextField(default="")),
                ("attribution", fields.TextField(default="")),
                ("licence_flags", fields.JSONField(default=list)),
                ("width", fields.IntField(null=True)),
                ("height", fields.IntField(null=True)),
                ("duration_ms", fields.BigIntField(null=True)),
                ("frame_rate", fields.CharField(default="", max_length=32)),
                ("video_codec", fields.CharField(default="", max_length=32)),
                ("audio_codec", fields.CharField(default="", max_length=32)),
                ("sample_rate", fields.IntField(null=True)),
                ("channels", fields.IntField(null=True)),
                ("has_alpha", fields.BooleanField(default=False)),
                ("created", MomentField(auto_now_add=True)),
                ("deleted", MomentField(null=True)),
            ],
            options={"table": "assets", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Asset",
            constraint=CheckConstraint(
                check="\"kind\" IN ('video', 'image', 'audio', 'captions', 'data')", name="assets_kind"
            ),
        ),
        ops.AddConstraint(model_name="Asset", constraint=CheckConstraint(check='"size" >= 0', name="assets_size")),
        ops.AddIndex(model_name="Asset", index=Index(fields=["folder", "created"])),
        ops.AddIndex(model_name="Asset", index=Index(fields=["kind", "created"])),
        ops.AddIndex(model_name="Asset", index=Index(fields=["provider", "provider_id"])),
        ops.AddIndex(model_name="Asset", index=Index(fields=["sha256"])),
        ops.CreateModel(
            name="Meta",
            fields=[
                ("id", fields.SmallIntField(primary_key=True, generated=False)),
                ("tenant", fields.UUIDField()),
                ("instance", fields.UUIDField()),
                ("epoch", fields.BigIntField(default=0)),
                ("digest", fields.CharField(max_length=32)),
                ("schema", fields.CharField(max_length=100)),
                ("is_open", fields.BooleanField(default=False)),
            ],
            options={"table": "meta", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Meta", constraint=CheckConstraint(check='"id" = 1 AND "epoch" >= 0', name="meta_one")
        ),
        ops.CreateModel(
            name="Notification",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("kind", fields.CharField(max_length=100)),
                ("level", fields.CharEnumField(default=Level.INFO, description="", enum_type=Level, max_length=32)),
                ("title", fields.CharField(max_length=300)),
                ("body", fields.TextField(default="")),
                ("link", fields.CharField(default="", max_length=500)),
                ("facts", fields.JSONField(default=dict)),
                ("user", fields.UUIDField(null=True)),
                ("created", MomentField(auto_now_add=True)),
                ("read", MomentField(null=True)),
            ],
            options={"table": "notifications", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Notification",
            constraint=CheckConstraint(check="\"level\" IN ('info', 'warning', 'error')", name="notifications_level"),
        ),
        ops.AddIndex(model_name="Notification", index=Index(fields=["read", "created"])),
        ops.AddIndex(model_name="Notification", index=Index(fields=["user", "created"])),
        ops.CreateModel(
            name="PluginConfig",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("plugin", fields.CharField(unique=True, max_length=200)),
                ("config", fields.JSONField(default=dict)),
                ("version", fields.IntField(default=1)),
                ("key_version", fields.IntField(default=1)),
                ("secrets", fields.BinaryField(null=True)),
                ("hints", fields.JSONField(default=dict)),
                ("updated", MomentField(auto_now=True)),
            ],
            options={"table": "plugin_configs", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="PluginConfig",
            constraint=CheckConstraint(check='"version" >= 1 AND "key_version" >= 1', name="plugin_configs_versions"),
        ),
        ops.CreateModel(
            name="Project",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("name", fields.CharField(max_length=200)),
                ("description", fields.TextField(default="")),
                ("folder", fields.CharField(default="", max_length=500)),
                ("tags", fields.JSONField(default=list)),
                ("revision", fields.IntField(default=0)),
                ("created", MomentField(auto_now_add=True)),
                ("updated", MomentField(auto_now=True)),
                ("archived", MomentField(null=True)),
            ],
            options={"table": "projects", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Project", constraint=CheckConstraint(check='"revision" >= 0', name="projects_revision")
        ),
        ops.AddIndex(model_name="Project", index=Index(fields=["folder", "name"])),
        ops.AddIndex(model_name="Project", index=Index(fields=["updated"])),
        ops.CreateModel(
            name="Revision",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "project",
                    fields.ForeignKeyField(
                        "vault.Project",
                        source_field="project_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="revisions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.IntField()),
                ("document", fields.JSONField()),
                ("note", fields.CharField(default="", max_length=500)),
                ("author", fields.UUIDField(null=True)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={
                "table": "revisions",
                "app": "vault",
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Revision", constraint=CheckConstraint(check='"number" >= 1', name="revisions_number")
        ),
        ops.AddConstraint(model_name="Revision", constraint=UniqueConstraint(fields=("project", "number"))),
        ops.CreateModel(
            name="Setting",
            fields=[
                ("name", fields.CharField(primary_key=True, max_length=100)),
                ("value", JsonValueField(null=True)),
                ("updated", MomentField(auto_now=True)),
            ],
            options={"table": "settings", "app": "vault", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="UsageEvent",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("at", MomentField(auto_now_add=True)),
                ("metric", fields.CharField(max_length=64)),
                ("amount", fields.BigIntField()),
                ("provider", fields.CharField(default="", max_length=200)),
                ("project", fields.UUIDField(null=True)),
                ("video", fields.UUIDField(null=True)),
                ("api_key", fields.UUIDField(null=True)),
                ("money", fields.BigIntField(null=True)),
                ("currency", fields.CharField(default="", max_length=3)),
            ],
            options={"table": "usage_events", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddIndex(model_name="UsageEvent", index=Index(fields=["metric", "at"])),
        ops.AddIndex(model_name="UsageEvent", index=Index(fields=["provider", "at"])),
        ops.AddIndex(model_name="UsageEvent", index=Index(fields=["project", "at"])),
        ops.CreateModel(
            name="Video",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "project",
                    fields.ForeignKeyField(
                        "vault.Project",
                        source_field="project_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="videos",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("revision", fields.IntField(null=True)),
                ("title", fields.CharField(max_length=300)),
                (
                    "status",
                    fields.CharEnumField(
                        default=VideoStatus.QUEUED, description="", enum_type=VideoStatus, max_length=32
                    ),
                ),
                ("error", fields.TextField(null=True)),
                ("job", fields.UUIDField(null=True)),
                ("storage_backend", fields.CharField(default="", max_length=100)),
                ("storage_key", fields.CharField(default="", max_length=500)),
                ("poster_key", fields.CharField(default="", max_length=500)),
                ("sha256", fields.CharField(default="", max_length=64)),
                ("media_type", fields.CharField(default="", max_length=100)),
                ("size", fields.BigIntField(null=True)),
                ("duration_ms", fields.BigIntField(null=True)),
                ("width", fields.IntField(null=True)),
                ("height", fields.IntField(null=True)),
                ("created", MomentField(auto_now_add=True)),
                ("ended", MomentField(null=True)),
            ],
            options={"table": "videos", "app": "vault", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Video",
            constraint=CheckConstraint(
                check="\"status\" IN ('queued', 'rendering', 'ready', 'failed', 'cancelled')", name="videos_status"
            ),
        ),
        ops.AddConstraint(
            model_name="Video",
            constraint=CheckConstraint(
                check='"status" <> \'ready\' OR ("storage_key" <> \'\' AND "size" >= 0)', name="videos_ready"
            ),
        ),
        ops.AddIndex(model_name="Video", index=Index(fields=["status", "created"])),
        ops.AddIndex(model_name="Video", index=Index(fields=["created"])),
        ops.RunPython(guarding(SECRETS)),
    ]
