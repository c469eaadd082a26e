"""The published JSON Schema of timelines, generated from the models."""

from core.api import JsonValue
from core.timeline.document import Timeline


def timeline_schema() -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 2020-12) of version 1 documents."""
    schema: dict[str, JsonValue] = Timeline.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Reelhouse timeline, version 1",
        **{key: value for key, value in schema.items() if key != "title"},
    }
