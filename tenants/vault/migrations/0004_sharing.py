"""Links to videos, templates, webhooks, and what assets are shown by."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

from tenants.control.models.moment import MomentField
from tenants.vault.guarding import guarding
from tenants.vault.models.webhook import DeliveryState


class Migration(migrations.Migration):
    dependencies = [("vault", "0003_videos")]

    operations = [
        ops.CreateModel(
            name="Share",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "video",
                    fields.ForeignKeyField(
                        "vault.Video", source_field="video_id", related_name="shares", on_delete=OnDelete.CASCADE
                    ),
                ),
                ("digest", fields.CharField(max_length=64, unique=True)),
                ("can_download", fields.BooleanField(default=False)),
                ("author", fields.UUIDField(null=True)),
                ("created", MomentField()),
                ("expires", MomentField(null=True)),
            ],
            options={"table": "shares", "app": "vault"},
            bases=["VaultModel"],
        ),
        ops.CreateModel(
            name="Template",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("name", fields.CharField(max_length=200)),
                ("description", fields.TextField(default="")),
                ("document", fields.JSONField()),
                ("places", fields.JSONField(default=list)),
                ("created", MomentField(auto_now_add=True)),
                ("updated", MomentField(auto_now=True)),
            ],
            options={"table": "templates", "app": "vault"},
            bases=["VaultModel"],
        ),
        ops.CreateModel(
            name="Webhook",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                ("url", fields.CharField(max_length=2000)),
                ("description", fields.CharField(default="", max_length=300)),
                ("events", fields.JSONField()),
                ("enabled", fields.BooleanField(default=True)),
                ("version", fields.IntField(default=1)),
                ("key_version", fields.IntField()),
                ("secret", fields.BinaryField(null=True)),
                ("created", MomentField()),
            ],
            options={"table": "webhooks", "app": "vault"},
            bases=["VaultModel"],
        ),
        ops.CreateModel(
            name="Delivery",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4)),
                (
                    "webhook",
                    fields.ForeignKeyField(
                        "vault.Webhook",
                        source_field="webhook_id",
                        related_name="deliveries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("event", fields.CharField(max_length=100)),
                ("message", fields.CharField(max_length=100)),
                ("body", fields.JSONField()),
                (
                    "state",
                    fields.CharEnumField(
                        default=DeliveryState.WAITING, description="", enum_type=DeliveryState, max_length=32
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                ("answered", fields.IntField(null=True)),
                ("error", fields.CharField(default="", max_length=500)),
                ("created", MomentField()),
                ("ended", MomentField(null=True)),
            ],
            options={"table": "deliveries", "app": "vault"},
            bases=["VaultModel"],
        ),
        ops.AddConstraint(
            model_name="Webhook",
            constraint=CheckConstraint(check='"version" >= 1 AND "key_version" >= 1', name="webhooks_versions"),
        ),
        ops.AddConstraint(
            model_name="Delivery",
            constraint=CheckConstraint(
                check="\"state\" IN ('waiting', 'delivered', 'failed')", name="deliveries_state"
            ),
        ),
        ops.AddConstraint(
            model_name="Delivery", constraint=CheckConstraint(check='"attempts" >= 0', name="deliveries_attempts")
        ),
        ops.AddIndex(model_name="Share", index=Index(fields=["video_id", "created"])),
        ops.AddIndex(model_name="Template", index=Index(fields=["updated"])),
        ops.AddIndex(model_name="Delivery", index=Index(fields=["webhook_id", "created"])),
        ops.AddField(model_name="Asset", name="files", field=fields.JSONField(default=dict)),
        ops.RunPython(guarding({"webhooks": ("secret",)})),
    ]
