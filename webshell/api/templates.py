"""``/templates``: timelines with places that are filled in."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint

from tenants.composing import templates as composing
from tenants.composing.templates import PlaceType, TemplatePlace
from tenants.control.roles import Permission
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.auth.limiting import RateClass

templates = Blueprint("templates", __name__, url_prefix="/templates")

_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Description = Annotated[str, Field(max_length=5000)]
_Document = Annotated[dict[str, Any], Field(description="A timeline; its variables are what is filled in.")]


class Place(BaseModel, extra="forbid", from_attributes=True):
    """A place that is filled in: a variable's name, and how people are asked for it."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    title: Annotated[str, Field(max_length=200)] = ""
    type: PlaceType = PlaceType.TEXT


class Template(BaseModel, from_attributes=True):
    """A template, without its timeline. ``defaults`` are what the places hold where nobody fills them."""

    id: UUID
    name: str
    description: str
    places: list[Place]
    defaults: dict[str, Any]
    created: datetime
    updated: datetime


class TemplateDocument(Template):
    """A template with its timeline."""

    document: dict[str, Any]


class TemplatePage(Page[Template]):
    """Templates, the newest first."""


class TemplatesQuery(PageQuery):
    """Which templates."""

    q: Annotated[str, Field(max_length=100, description="A part of the name.")] = ""


class NewTemplate(BaseModel, extra="forbid"):
    """A template to make."""

    name: _Name
    document: _Document
    description: _Description = ""
    places: Annotated[list[Place], Field(max_length=200)] = []


class TemplateChange(BaseModel, extra="forbid"):
    """What to change; what is not named stays."""

    name: _Name | None = None
    document: _Document | None = None
    description: _Description | None = None
    places: Annotated[list[Place] | None, Field(max_length=200)] = None


_CHANGE = Rules(needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={200: Template}, problems=(404, 413))


@endpoint(
    templates, "", "GET", Rules(needs=Permission.READ, vault=True, gives={200: TemplatePage}), query=TemplatesQuery
)
async def list_templates(query: TemplatesQuery) -> TemplatePage:
    """List templates, the newest first."""
    found = await composing.list_templates(text=query.q, after=after_of(query), most=query.limit)
    ends = [(each.created, each.id) for each in found]
    return TemplatePage(items=[Template.model_validate(each) for each in found], next=next_of(ends, query.limit))


@endpoint(
    templates,
    "",
    "POST",
    Rules(needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={201: Template}, problems=(413,)),
    body=NewTemplate,
)
async def add_template(data: NewTemplate) -> Template:
    """Make a template of a timeline with variables."""
    made = await composing.add_template(
        data.name, data.document, description=data.description, places=_places(data.places), now=_now()
    )
    return Template.model_validate(made)


@endpoint(
    templates,
    "/<uuid:template_id>",
    "GET",
    Rules(needs=Permission.READ, vault=True, gives={200: TemplateDocument}, problems=(404,)),
)
async def show_template(template_id: UUID) -> TemplateDocument:
    """Show a template with its timeline."""
    found, document = await composing.show_template(template_id)
    return TemplateDocument(**Template.model_validate(found).model_dump(), document=dict(document))


@endpoint(templates, "/<uuid:template_id>", "PATCH", _CHANGE, body=TemplateChange)
async def change_template(template_id: UUID, data: TemplateChange) -> Template:
    """Change a template; what was made of it stays."""
    changed = await composing.change_template(
        template_id,
        name=data.name,
        description=data.description,
        document=data.document,
        places=None if data.places is None else _places(data.places),
        now=_now(),
    )
    return Template.model_validate(changed)


@endpoint(
    templates,
    "/<uuid:template_id>",
    "DELETE",
    Rules(needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={204: None}, problems=(404,)),
)
async def remove_template(template_id: UUID) -> None:
    """Remove a template; what was made of it stays."""
    await composing.remove_template(template_id)


def _places(given: list[Place]) -> list[TemplatePlace]:
    return [TemplatePlace(name=each.name, title=each.title, type=each.type) for each in given]


def _now() -> datetime:
    return datetime.now(UTC)
