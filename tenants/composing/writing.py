"""Writing: a language model makes scenes of a topic, or says what is to be seen in those of a script."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, Field

from core.api import NotReady
from tenants.composing.scripts import MOST_SCENES, Scene
from tenants.plugin_sets.view import TenantPlugins

_ASKED = """You write short videos. Answer with JSON alone: {{"scenes": [{{"text": "…", "wanted": "…"}}]}}.
"text" is what the speaker says in the scene, one to three sentences in the language "{language}".
"wanted" is what is to be seen, as two to four English words for a search in a library of stock film.
{task}"""
_OF_TOPIC = "Write four to eight scenes about this, with a beginning that makes curious and an end: {topic}"
_OF_SCENES = (
    "These scenes are written already. Repeat each text word for word, in this order, and add what is to be seen: "
    "{scenes}"
)


class _Written(BaseModel):
    text: str = Field(min_length=1, max_length=2000)
    wanted: str = Field(min_length=1, max_length=200)


class _Scenes(BaseModel):
    scenes: list[_Written] = Field(min_length=1)


async def write_scenes(view: TenantPlugins, writer: str, topic: str, *, language: str) -> tuple[Scene, ...]:
    """Return scenes about a topic. Raise ``NotReady`` where the model answers with something else."""
    written = await _asked(view, writer, _OF_TOPIC.format(topic=topic), language)
    return tuple(Scene(text=" ".join(each.text.split()), wanted=each.wanted) for each in written)[:MOST_SCENES]


async def look_at(view: TenantPlugins, writer: str, scenes: Sequence[Scene], *, language: str) -> tuple[Scene, ...]:
    """Return a script's scenes with what the model would show; what is said stays as it is.

    Raise ``NotReady`` where the model answers with something else.
    """
    told = json.dumps([each.text for each in scenes], ensure_ascii=False)
    written = await _asked(view, writer, _OF_SCENES.format(scenes=told), language)
    if len(written) != len(scenes):
        raise NotReady(f"the writer saw {len(written)} scenes in {len(scenes)}")
    return tuple(Scene(text=scene.text, wanted=each.wanted) for scene, each in zip(scenes, written, strict=True))


async def _asked(view: TenantPlugins, writer: str, task: str, language: str) -> list[_Written]:
    prompt = quote(_ASKED.format(language=language, task=task), safe="")
    with tempfile.TemporaryDirectory() as folder:
        fetched = await view.fetch(writer, f"text?format=json&prompt={prompt}", Path(folder) / "written")
        answer = fetched.path.read_text("utf-8")
    try:
        return _Scenes.model_validate_json(answer).scenes
    except ValueError as err:
        raise NotReady("the writer answered with something else than scenes") from err
