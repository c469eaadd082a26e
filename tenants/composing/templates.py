"""Templates: timelines with places that are filled in, again and again. Called within the tenant's scope."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from core.api import InvalidInput, NotFound, did_you_mean
from tenants.studio.projects import check_document
from tenants.vault.models.template import Template


class PlaceType(StrEnum):
    """How a place is asked for."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    NUMBER = "number"
    COLOR = "color"
    MEDIA = "media"
    """An asset reference, like ``asset:…``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePlace:
    """A place that is filled in: the name of a variable, and how people are asked for it."""

    name: str
    title: str = ""
    type: PlaceType = PlaceType.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateView:
    """A template without its timeline. ``defaults`` are what the places hold where nobody fills them."""

    id: UUID
    name: str
    description: str
    places: tuple[TemplatePlace, ...]
    defaults: Mapping[str, Any]
    created: datetime
    updated: datetime

    @classmethod
    def of(cls, row: Template) -> "TemplateView":
        """Return the view of a row."""
        told = {each["name"]: TemplatePlace(**{**each, "type": PlaceType(each["type"])}) for each in row.places}
        variables = _variables(row.document)
        return cls(
            id=row.id,
            name=row.name,
            description=row.description,
            places=tuple(told.get(name, TemplatePlace(name=name)) for name in variables),
            defaults=variables,
            created=row.created,
            updated=row.updated,
        )


async def add_template(
    name: str, document: Mapping[str, Any], *, description: str, places: Sequence[TemplatePlace], now: datetime
) -> TemplateView:
    """Make a template. Raise ``InvalidInput`` for a timeline without variables, and a place that it has not."""
    _check(document, places)
    row = await Template.create(
        name=name,
        description=description,
        document=dict(document),
        places=[asdict(each) for each in places],
        created=now,
        updated=now,
    )
    return TemplateView.of(row)


async def show_template(template: UUID) -> tuple[TemplateView, Mapping[str, Any]]:
    """Return a template with its timeline; raise ``NotFound``."""
    row = await _template(template)
    return TemplateView.of(row), row.document


async def list_templates(
    *, text: str = "", after: tuple[datetime, UUID] | None = None, most: int = 50
) -> Sequence[TemplateView]:
    """Return templates, the newest first; ``after`` is when the last of the page before was made, and its id."""
    rows = Template.all()
    if text:
        rows = rows.filter(name__icontains=text)
    if after is not None:
        rows = rows.filter(Q(created__lt=after[0]) | Q(created=after[0], id__lt=after[1]))
    return [TemplateView.of(row) for row in await rows.order_by("-created", "-id").limit(most)]


async def change_template(
    template: UUID,
    *,
    name: str | None = None,
    description: str | None = None,
    document: Mapping[str, Any] | None = None,
    places: Sequence[TemplatePlace] | None = None,
    now: datetime,
) -> TemplateView:
    """Change a template; what is None stays. Raise ``NotFound``, and ``InvalidInput`` as ``add_template``."""
    row = await _template(template)
    row.name = row.name if name is None else name
    row.description = row.description if description is None else description
    row.document = row.document if document is None else dict(document)
    row.places = row.places if places is None else [asdict(each) for each in places]
    _check(row.document, TemplateView.of(row).places if places is None else places)
    row.updated = now
    await row.save()
    return TemplateView.of(row)


async def remove_template(template: UUID) -> None:
    """Remove a template; what was made of it stays. Raise ``NotFound``."""
    if not await Template.filter(id=template).delete():
        raise NotFound(f"there is no template {template}")


async def fill_template(template: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template's timeline with its places filled. Raise ``NotFound``, ``InvalidInput`` for a wrong name."""
    row = await _template(template)
    known = _variables(row.document)
    for name in values:
        if name not in known:
            raise InvalidInput(f"is no place of this template{did_you_mean(name, known)}", path=f"fields.{name}")
    filled = {**row.document, "variables": {**known, **values}}
    check_document(filled)
    return filled


async def _template(template: UUID) -> Template:
    row = await Template.get_or_none(id=template)
    if row is None:
        raise NotFound(f"there is no template {template}")
    return row


def _check(document: Mapping[str, Any], places: Sequence[TemplatePlace]) -> None:
    check_document(document)
    variables = _variables(document)
    if not variables:
        raise InvalidInput("has no variables: there is nothing to fill in", path="document.variables")
    for complaint in _strangers(variables, places):
        raise complaint


def _strangers(variables: Mapping[str, Any], places: Sequence[TemplatePlace]) -> Iterator[InvalidInput]:
    for index, place in enumerate(places):
        if place.name not in variables:
            known = did_you_mean(place.name, variables)
            yield InvalidInput(f'"{place.name}" is no variable of the timeline{known}', path=f"places[{index}].name")


def _variables(document: Mapping[str, Any]) -> Mapping[str, Any]:
    variables = document.get("variables")
    return variables if isinstance(variables, dict) else {}
