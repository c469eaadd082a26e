"""Projects: timelines that are worked on, with every revision. Called within the tenant's scope.

A draft need not be right: what people have written is never lost because it can't be rendered yet. What is wrong with
it is told by ``checking``, and once more when it is rendered.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.api import InvalidInput, NotFound, ReelhouseError
from tenants.vault.models.project import Project, Revision
from tenants.vault.sqlite.access import ALIAS

LARGEST_DOCUMENT = 4 * 2**20
"""Bytes of JSON: what a timeline may have, as ``core.timeline`` has it."""
MOST_TAGS = 50
_LONGEST_NAME = 200


class StaleRevision(ReelhouseError):
    """Somebody else saved meanwhile; ``current`` is the revision that there is now."""

    code = "stale_revision"
    status = 412

    def __init__(self, current: int) -> None:
        super().__init__(
            f"somebody saved meanwhile: the newest revision is {current}", hint="Load it, and save your change anew."
        )
        self.current = current


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """A project without its document."""

    id: UUID
    name: str
    description: str
    folder: str
    tags: tuple[str, ...]
    revision: int
    created: datetime
    updated: datetime

    @classmethod
    def of(cls, row: Project) -> "ProjectView":
        """Return the view of a row."""
        return cls(
            id=row.id,
            name=row.name,
            description=row.description,
            folder=row.folder,
            tags=tuple(row.tags),
            revision=row.revision,
            created=row.created,
            updated=row.updated,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """A revision without its document."""

    number: int
    note: str
    author: UUID | None
    created: datetime


async def create_project(
    name: str, document: Mapping[str, Any], *, author: UUID | None, now: datetime, folder: str = "", note: str = ""
) -> ProjectView:
    """Make a project with its first revision. Raise ``InvalidInput``."""
    check_document(document)
    project = Project(name=_named(name), folder=folder, revision=1, created=now)
    async with in_transaction(ALIAS):
        await project.save(force_create=True)
        await Revision.create(
            project=project, number=1, document=dict(document), note=note[:500], author=author, created=now
        )
    return ProjectView.of(project)


async def show_project(project: UUID) -> ProjectView:
    """Return a project; raise ``NotFound``."""
    return ProjectView.of(await _project(project))


async def document_of(project: UUID, number: int | None = None) -> tuple[int, Mapping[str, Any]]:
    """Return a revision's number and document, the newest if none is named. Raise ``NotFound``."""
    wanted = (await _project(project)).revision if number is None else number
    row = await Revision.get_or_none(project_id=project, number=wanted)
    if row is None:
        raise NotFound(f"project {project} has no revision {wanted}")
    return row.number, row.document


async def list_projects(
    *, folder: str | None = None, tag: str | None = None, text: str = "", after: tuple[datetime, UUID] | None = None,
    most: int = 50,
) -> list[ProjectView]:  # fmt: skip
    """Return projects, the last changed first; ``after`` is when the page before's last one changed, and its id."""
    rows = Project.filter(archived=None)
    if folder is not None:
        rows = rows.filter(folder=folder)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(description__icontains=text))
    if tag is not None:
        rows = rows.filter(tags__contains=json.dumps(tag, ensure_ascii=False))
    if after is not None:
        rows = rows.filter(Q(updated__lt=after[0]) | Q(updated=after[0], id__lt=after[1]))
    return [ProjectView.of(row) for row in await rows.order_by("-updated", "-id").limit(most)]


async def save_project(
    project: UUID, document: Mapping[str, Any], *, expected: int, author: UUID | None, now: datetime, note: str = ""
) -> ProjectView:
    """Add a revision, if ``expected`` is still the newest. Raise ``NotFound``, ``StaleRevision``, ``InvalidInput``."""
    check_document(document)
    async with in_transaction(ALIAS):
        saved = await Project.filter(id=project, archived=None, revision=expected).update(
            revision=expected + 1, updated=now
        )
        if not saved:
            raise StaleRevision((await _project(project)).revision)
        await Revision.create(
            project_id=project,
            number=expected + 1,
            document=dict(document),
            note=note[:500],
            author=author,
            created=now,
        )
    return await show_project(project)


async def change_project(
    project: UUID,
    *,
    now: datetime,
    name: str | None = None,
    description: str | None = None,
    folder: str | None = None,
    tags: list[str] | None = None,
) -> ProjectView:
    """Change what is said of a project; what is None stays. Raise ``NotFound``, ``InvalidInput``."""
    row = await _project(project)
    row.name = row.name if name is None else _named(name)
    row.description = row.description if description is None else description
    row.folder = row.folder if folder is None else folder
    row.tags = row.tags if tags is None else checked_tags(tags)
    row.updated = now
    await row.save(update_fields=["name", "description", "folder", "tags", "updated"])
    return ProjectView.of(row)


async def duplicate_project(project: UUID, name: str, *, author: UUID | None, now: datetime) -> ProjectView:
    """Make a project of another's newest revision. Raise ``NotFound``, ``InvalidInput``."""
    original = await _project(project)
    number, document = await document_of(project)
    note = f"{original.name}, revision {number}"
    made = await create_project(name, document, author=author, now=now, folder=original.folder, note=note)
    return await change_project(made.id, now=now, description=original.description, tags=list(original.tags))


async def list_revisions(project: UUID) -> list[RevisionView]:
    """Return a project's revisions, the newest first. Raise ``NotFound``."""
    await _project(project)
    rows = await Revision.filter(project_id=project).order_by("-number").only("number", "note", "author", "created")
    return [RevisionView(number=row.number, note=row.note, author=row.author, created=row.created) for row in rows]


async def restore_revision(
    project: UUID, number: int, *, expected: int, author: UUID | None, now: datetime
) -> ProjectView:
    """Add a revision like an older one. Raise ``NotFound``, ``StaleRevision``."""
    _, document = await document_of(project, number)
    note = f"as revision {number}"
    return await save_project(project, document, expected=expected, author=author, now=now, note=note)


async def delete_project(project: UUID) -> None:
    """Delete a project with all its revisions; videos made of it stay. Raise ``NotFound``."""
    if not await Project.filter(id=project).delete():
        raise NotFound(f"there is no project {project}")


def check_document(document: Mapping[str, Any]) -> None:
    """Raise ``InvalidInput`` for a document that can't be kept."""
    size = len(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > LARGEST_DOCUMENT:
        raise InvalidInput(f"has {size} bytes, more than {LARGEST_DOCUMENT}", path="document")


def checked_tags(tags: list[str]) -> list[str]:
    """Return tags, each once; raise ``InvalidInput``."""
    clean = list(dict.fromkeys(" ".join(tag.split()) for tag in tags))
    if len(clean) > MOST_TAGS or any(not 0 < len(tag) <= 50 for tag in clean):
        raise InvalidInput(f"must be at most {MOST_TAGS} tags of 1 to 50 characters", path="tags")
    return clean


async def _project(project: UUID) -> Project:
    row = await Project.get_or_none(id=project, archived=None)
    if row is None:
        raise NotFound(f"there is no project {project}")
    return row


def _named(name: str) -> str:
    clean = " ".join(name.split())
    if not 0 < len(clean) <= _LONGEST_NAME:
        raise InvalidInput(f"must have 1 to {_LONGEST_NAME} characters", path="name")
    return clean
