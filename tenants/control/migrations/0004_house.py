"""Which house this is: a random id, made once; and whether it is sealed."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

from tenants.control.models.moment import MomentField


async def _make_house(apps: Any, editor: Any) -> None:
    house = apps.get_model("control.House")
    await house.create(using_db=editor.client, id=1, instance=uuid4(), created=datetime.now(UTC))


class Migration(migrations.Migration):
    dependencies = [("control", "0003_first_plan")]
    operations = [
        ops.CreateModel(
            name="House",
            fields=[
                ("id", fields.IntField(primary_key=True, generated=False)),
                ("instance", fields.UUIDField()),
                ("sealed", MomentField(null=True)),
                ("created", MomentField(auto_now_add=True)),
            ],
            options={"table": "house", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddConstraint(model_name="House", constraint=CheckConstraint(check='"id" = 1', name="house_one")),
        ops.RunPython(_make_house),
    ]
