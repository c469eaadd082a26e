"""Videos keep the timeline they were made of, their files, and tags."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("vault", "0002_uploads")]
    operations = [
        ops.AddField(model_name="Video", name="document", field=fields.JSONField(default=dict)),
        ops.AddField(model_name="Video", name="files", field=fields.JSONField(default=dict)),
        ops.AddField(model_name="Video", name="tags", field=fields.JSONField(default=list)),
    ]
