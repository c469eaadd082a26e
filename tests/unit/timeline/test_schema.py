"""The published JSON Schema takes what we take, and refuses what a schema can see is wrong."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from core.timeline.schema import timeline_schema
from tests.support.timelines import Json, clip, document, film, text

SAMPLE = Path(__file__).parents[3] / "examples" / "sample.json"


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    published = timeline_schema()
    Draft202012Validator.check_schema(published)
    return Draft202012Validator(published)


def test_the_schema_is_json_and_names_its_dialect_and_refuses_unknown_keys_everywhere() -> None:
    published = json.loads(json.dumps(timeline_schema()))
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    models = [each for each in published["$defs"].values() if each["type"] == "object"]
    assert len(models) > 30
    assert all(model["additionalProperties"] is False for model in models)


def test_the_sample_is_valid(schema: Draft202012Validator) -> None:
    assert list(schema.iter_errors(json.loads(SAMPLE.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "value",
    [
        document(clip(x={"keys": [{"t": 0, "v": 1}]}), text(look={"animate": "words"})),
        document(clip(0, "end"), film(2, "auto", layouts={"9:16": {"scale": 2}}), fps="30000/1001"),
        document(clip(asset={"type": "timeline", "timeline": document(clip())}), output={"quality": {"crf": 20}}),
        document(clip(), captions=[{"cues": [{"start": 0, "end": 1, "text": "a"}], "style": {"preset": "pop"}}]),
    ],
)
def test_what_we_take_is_valid(value: Json, schema: Draft202012Validator) -> None:
    assert list(schema.iter_errors(value)) == []


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"version": 2},
        document(clip(), more=1),
        document(clip(-1)),
        document(clip(0, 0)),
        document(clip(0, "start")),
        document(clip(x="left")),
        document(clip(x=11)),
        document(clip(opacity=2)),
        document(clip(fit="fill")),
        document(clip(asset={"type": "audio"})),
        document(clip(asset={"type": "color", "color": "red"})),
        document(clip(scale={"keys": []})),
        document(clip(enter={"use": "fade"})),
        document(text("")),
        document(text(look={"size": 2})),
        document(text(look={"spans": [{"start": 0.5, "end": 2}]})),
        document(clip(), output={"width": 1}),
        document(clip(), output={"fps": 0}),
        document(clip(), output={"quality": "best"}),
        document(clip(), audio={"loudness": 1}),
        document(clip(), captions=[{"mode": ["bake"]}]),
    ],
)
def test_what_a_schema_can_see_is_refused(value: Json, schema: Draft202012Validator) -> None:
    assert list(schema.iter_errors(value)) != []
