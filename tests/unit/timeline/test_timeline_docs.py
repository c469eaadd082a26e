"""docs/timeline.md names every key of every model, with its default, and its examples are right."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from core.api import Catalogue, Color
from core.contract.easings import EASINGS
from core.timeline.document import Timeline
from core.timeline.document.base import Model
from tests.support.timelines import clip, complaints_of, document

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "timeline.md").read_text("utf-8")
TABLES = {
    name: dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", table, re.MULTILINE))
    for name, table in re.findall(r"<!-- (\w+) -->\n((?:\|.*\n)+)", PAGE)
}
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def models(found: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """Yield a model, those it is made from and those its fields hold."""
    if found in seen or found in (Model, BaseModel):
        return
    seen.add(found)
    yield found
    for base in found.__bases__:
        if issubclass(base, BaseModel):
            yield from models(base, seen)
    for field in found.model_fields.values():
        for inner in classes(field.annotation):
            yield from models(inner, seen)


def classes(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from classes(inner)


MODELS = list(models(Timeline, set()))


def own_keys(model: type[BaseModel]) -> dict[str, Any]:
    return {
        field.alias or name: field.default
        for name, field in model.model_fields.items()
        if name in model.__annotations__
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_of_a_model_has_its_row_and_no_other_has(model: type[BaseModel]) -> None:
    assert list(TABLES[model.__name__]) == list(own_keys(model))


def test_every_table_is_a_models() -> None:
    assert set(TABLES) == {model.__name__ for model in MODELS}
    assert len(MODELS) > 30


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_defaults_on_the_page_are_the_models(model: type[BaseModel]) -> None:
    for name, default in own_keys(model).items():
        shown = TABLES[model.__name__][name].strip()
        if default is PydanticUndefined:
            assert shown == "required", name
        elif shown.startswith("`") and default is not None:
            assert json.loads(shown.strip("`")) == as_json(default), name


def as_json(default: Any) -> Any:
    match default:
        case Fraction():
            return float(default)
        case Color():
            return str(default)
        case tuple():
            return list(default)
        case _:
            return default


def test_every_easing_is_named() -> None:
    for name in EASINGS:
        family = re.sub(r"-(in|out|in-out)$", "", name) if not name.startswith("ease") else name
        assert f"`{family}`" in PAGE


def test_the_examples_are_right(catalogue: Catalogue) -> None:
    whole, keys, variables, effects, text, captions = (json.loads(example) for example in EXAMPLES)
    assert complaints_of(whole, catalogue) == ()
    assert complaints_of(variables, catalogue) == ()
    assert complaints_of(document(clip(scale=keys)), catalogue) == ()
    second = clip(1.4, 2, **effects)
    assert complaints_of(document(clip(), second), catalogue) == ()
    assert complaints_of(document(clip(asset=text)), catalogue) == ()
    assert complaints_of(document(clip(), captions=[captions]), catalogue) == ()


def test_the_sample_is_right(catalogue: Catalogue) -> None:
    assert complaints_of((ROOT / "examples" / "sample.json").read_text("utf-8"), catalogue) == ()
