"""The plan that a new house stands on: nothing is limited, nothing is paid. It is made once; change it at will."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tortoise import migrations
from tortoise.migrations import operations as ops


async def _make_plan(apps: Any, editor: Any) -> None:
    plan = apps.get_model("control.Plan")
    await plan.create(
        using_db=editor.client,
        id=uuid4(),
        slug="standard",
        name="Standard",
        is_public=False,
        is_default=True,
        created=datetime.now(UTC),
    )


class Migration(migrations.Migration):
    dependencies = [("control", "0002_guards")]
    operations = [ops.RunPython(_make_plan)]
