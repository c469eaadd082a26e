"""Uploads that are on their way into the library."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

from tenants.control.models.moment import MomentField


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]
    operations = [
        ops.CreateModel(
            name="Upload",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("filename", fields.CharField(max_length=300)),
                ("media_type", fields.CharField(default="", max_length=100)),
                ("folder", fields.CharField(default="", max_length=500)),
                ("size", fields.BigIntField()),
                ("user", fields.UUIDField(null=True)),
                ("job", fields.UUIDField(null=True)),
                ("created", MomentField()),
                ("expires", MomentField()),
            ],
            options={"table": "uploads", "app": "vault", "pk_attr": "id"},
            bases=["VaultModel"],
        ),
        ops.AddConstraint(model_name="Upload", constraint=CheckConstraint(check='"size" >= 0', name="uploads_size")),
        ops.AddIndex(model_name="Upload", index=Index(fields=["expires"])),
    ]
