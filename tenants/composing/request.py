"""What is asked for: the one document that a request, its job and its timeline are made of."""

from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from tenants.composing.scripts import MOST_CHARACTERS


class Shape(StrEnum):
    """The shape of the picture."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return {Shape.LANDSCAPE: (1920, 1080), Shape.PORTRAIT: (1080, 1920), Shape.SQUARE: (1080, 1080)}[self]


_Provider = Annotated[str, Field(max_length=200)]


class ComposeRequest(BaseModel, extra="forbid", frozen=True):
    """What a timeline is to be composed of: a script, a topic that a language model writes of, or a template."""

    title: Annotated[str, Field(max_length=200)] = ""
    script: Annotated[
        str,
        Field(max_length=MOST_CHARACTERS, description="A paragraph is a scene; [words] before it name its picture."),
    ] = ""
    topic: Annotated[str, Field(max_length=2000, description="What the writer shall write of.")] = ""
    template: UUID | None = None
    fields: Annotated[dict[str, Any], Field(description="What fills the template's places.")] = {}
    shape: Shape = Shape.LANDSCAPE
    language: Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")] = "en"
    speaker: Annotated[_Provider, Field(description="The provider that speaks; none if empty.")] = "voice"
    voice: Annotated[str, Field(max_length=200, description="The speaker's voice; its usual one if empty.")] = ""
    pictures: Annotated[
        list[_Provider], Field(max_length=20, description="Providers to look at, in this order; all that fit if empty.")
    ] = []
    music: Annotated[str, Field(max_length=50, description="A mood of the generator's music; none if empty.")] = "warm"
    captions: bool = True
    commercial: Annotated[bool, Field(description="Leave out what may not be used to earn money.")] = True
    writer: Annotated[_Provider, Field(description="The provider whose language model writes; none if empty.")] = ""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if sum((bool(self.script.strip()), bool(self.topic.strip()), self.template is not None)) != 1:
            raise ValueError("name one of script, topic and template")
        if self.topic.strip() and not self.writer:
            raise ValueError("a topic needs a writer, like openai")
        return self
