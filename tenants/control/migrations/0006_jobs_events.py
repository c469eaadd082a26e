"""Jobs: priority, progress, idempotency. Events, with the head at which their writers queue up."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from tenants.control.models.moment import MomentField


async def _make_head(apps: Any, editor: Any) -> None:
    await apps.get_model("control.EventHead").create(using_db=editor.client, id=1, sequence=0)


class Migration(migrations.Migration):
    dependencies = [("control", "0005_accounts")]

    operations = [
        ops.AddField(model_name="Job", name="error_code", field=fields.CharField(max_length=64, default="")),
        ops.AddField(model_name="Job", name="priority", field=fields.IntField(default=0)),
        ops.AddField(model_name="Job", name="progress", field=fields.FloatField(default=0.0)),
        ops.AddField(model_name="Job", name="message", field=fields.CharField(max_length=200, default="")),
        ops.AddField(model_name="Job", name="idempotency_key", field=fields.CharField(max_length=200, null=True)),
        ops.AddField(model_name="Job", name="created_by", field=fields.UUIDField(null=True)),
        ops.AddConstraint(model_name="Job", constraint=UniqueConstraint(fields=("tenant", "kind", "idempotency_key"))),
        ops.CreateModel(
            name="EventHead",
            fields=[
                ("id", fields.IntField(primary_key=True, generated=False)),
                ("sequence", fields.BigIntField()),
            ],
            options={"table": "event_head", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(model_name="EventHead", constraint=CheckConstraint(check='"id" = 1', name="event_head_one")),
        ops.RunPython(_make_head),
        ops.CreateModel(
            name="Event",
            fields=[
                ("sequence", fields.BigIntField(primary_key=True, generated=False)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.Tenant",
                        source_field="tenant_id",
                        null=True,
                        related_name="events",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("topic", fields.CharField(max_length=64)),
                ("data", fields.JSONField()),
                ("at", MomentField()),
            ],
            options={
                "table": "events",
                "app": "control",
                "indexes": [Index(fields=["tenant_id", "sequence"]), Index(fields=["at"])],
                "pk_attr": "sequence",
            },
            bases=["Model"],
        ),
    ]
