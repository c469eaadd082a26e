"""``/projects``: timelines that are worked on, with every revision."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint, request

from core.api import InvalidInput, ReelhouseError
from core.timeline.complaints import InvalidTimeline
from tenants.control.roles import Permission
from tenants.studio import projects as studio
from tenants.studio.projects import ProjectView
from tenants.studio.requesting import check_for
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.api.problems import Complaint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

projects = Blueprint("projects", __name__, url_prefix="/projects")

Document = Annotated[dict[str, Any], Field(description="A timeline; a draft need not be right.")]
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Folder = Annotated[str, Field(max_length=500)]
_Note = Annotated[str, Field(max_length=500)]


class PreconditionNeeded(ReelhouseError):
    """Whoever saves must say on which revision."""

    code = "precondition_needed"
    status = 428

    def __init__(self) -> None:
        super().__init__("say on which revision you built", hint="Send If-Match with the ETag that you were given.")


class Project(BaseModel, from_attributes=True):
    """A project, without its timeline. ``revision`` counts its changes."""

    id: UUID
    name: str
    description: str
    folder: str
    tags: list[str]
    revision: int
    created: datetime
    updated: datetime


class ProjectDocument(Project):
    """A project with the timeline of one of its revisions."""

    document: dict[str, Any]

    @classmethod
    def of(cls, view: ProjectView, number: int, document: Any) -> Self:
        """Return a project with a revision's timeline."""
        facts = Project.model_validate(view).model_dump() | {"revision": number}
        return cls(**facts, document=dict(document))


class ProjectsQuery(PageQuery):
    """Which projects."""

    folder: _Folder | None = None
    tag: Annotated[str | None, Field(max_length=50)] = None
    q: Annotated[str, Field(max_length=100, description="A part of the name or the description.")] = ""


class NewProject(BaseModel, extra="forbid"):
    """A project to make."""

    name: _Name
    document: Document = {}
    folder: _Folder = ""


class ProjectChange(BaseModel, extra="forbid"):
    """What to change of a project; what is not named stays."""

    name: _Name | None = None
    description: Annotated[str | None, Field(max_length=5000)] = None
    folder: _Folder | None = None
    tags: Annotated[list[str] | None, Field(max_length=50)] = None


class NewRevision(BaseModel, extra="forbid"):
    """A timeline to save."""

    document: Document
    note: _Note = ""


class RevisionNumber(BaseModel, extra="forbid"):
    """An older revision that shall be the newest again."""

    number: Annotated[int, Field(ge=1)]


class CopyName(BaseModel, extra="forbid"):
    """What a copy shall be called."""

    name: _Name


class RevisionShown(BaseModel, from_attributes=True):
    """A revision, without its timeline."""

    number: int
    note: str
    author: UUID | None
    created: datetime


class Revisions(BaseModel):
    """All revisions of a project."""

    items: list[RevisionShown]


class Checked(BaseModel):
    """What is wrong with a timeline; nothing, if it can be rendered."""

    complaints: list[Complaint]


_READ = Rules(needs=Permission.READ, vault=True, gives={200: ProjectDocument}, problems=(404,))
_SAVE = Rules(
    needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={200: Project}, problems=(404, 412, 413, 428)
)


class ProjectPage(Page[Project]):
    """Projects, the last changed first."""


@endpoint(projects, "", "GET", Rules(needs=Permission.READ, vault=True, gives={200: ProjectPage}), query=ProjectsQuery)
async def list_projects(query: ProjectsQuery) -> ProjectPage:
    """List projects, the last changed first."""
    found = await studio.list_projects(
        folder=query.folder, tag=query.tag, text=query.q, after=after_of(query), most=query.limit
    )
    ends = [(each.updated, each.id) for each in found]
    return ProjectPage(items=[Project.model_validate(each) for each in found], next=next_of(ends, query.limit))


@endpoint(
    projects,
    "",
    "POST",
    Rules(needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={201: ProjectDocument}, problems=(413,)),
    body=NewProject,
)
async def create_project(data: NewProject) -> tuple[ProjectDocument, dict[str, str]]:
    """Make a project."""
    made = await studio.create_project(
        data.name, data.document, author=principal().user, now=_now(), folder=data.folder
    )
    headers = {**_etag(made.revision), "Location": f"/api/v1/projects/{made.id}"}
    return ProjectDocument.of(made, made.revision, data.document), headers


@endpoint(projects, "/<uuid:project_id>", "GET", _READ)
async def show_project(project_id: UUID) -> tuple[ProjectDocument, dict[str, str]]:
    """Show a project with its newest timeline. Its ETag is what is sent back as If-Match when saving."""
    number, document = await studio.document_of(project_id)
    return ProjectDocument.of(await studio.show_project(project_id), number, document), _etag(number)


@endpoint(projects, "/<uuid:project_id>", "PUT", _SAVE, body=NewRevision)
async def save_project(project_id: UUID, data: NewRevision) -> tuple[Project, dict[str, str]]:
    """Save a timeline as a new revision, if nobody saved since the one that If-Match names."""
    saved = await studio.save_project(
        project_id, data.document, expected=_expected(), author=principal().user, now=_now(), note=data.note
    )
    return Project.model_validate(saved), _etag(saved.revision)


@endpoint(
    projects,
    "/<uuid:project_id>",
    "PATCH",
    Rules(needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={200: Project}, problems=(404,)),
    body=ProjectChange,
)
async def change_project(project_id: UUID, data: ProjectChange) -> Project:
    """Change what is said of a project; its timeline stays."""
    changed = await studio.change_project(project_id, now=_now(), **data.model_dump())
    return Project.model_validate(changed)


@endpoint(
    projects,
    "/<uuid:project_id>",
    "DELETE",
    Rules(needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={204: None}, problems=(404,)),
)
async def delete_project(project_id: UUID) -> None:
    """Delete a project with all revisions; videos made of it stay."""
    await studio.delete_project(project_id)


@endpoint(
    projects,
    "/<uuid:project_id>/duplicate",
    "POST",
    Rules(needs=Permission.PROJECTS, vault=True, rate=RateClass.WRITE, gives={201: Project}, problems=(404,)),
    body=CopyName,
)
async def duplicate_project(project_id: UUID, data: CopyName) -> Project:
    """Make a project of another's newest timeline."""
    made = await studio.duplicate_project(project_id, data.name, author=principal().user, now=_now())
    return Project.model_validate(made)


@endpoint(
    projects,
    "/<uuid:project_id>/revisions",
    "GET",
    Rules(needs=Permission.READ, vault=True, gives={200: Revisions}, problems=(404,)),
)
async def list_revisions(project_id: UUID) -> Revisions:
    """List a project's revisions, the newest first."""
    found = await studio.list_revisions(project_id)
    return Revisions(items=[RevisionShown.model_validate(each) for each in found])


@endpoint(projects, "/<uuid:project_id>/revisions/<int:number>", "GET", _READ)
async def show_revision(project_id: UUID, number: int) -> ProjectDocument:
    """Show a project with the timeline of one revision."""
    number, document = await studio.document_of(project_id, number)
    return ProjectDocument.of(await studio.show_project(project_id), number, document)


@endpoint(projects, "/<uuid:project_id>/restore", "POST", _SAVE, body=RevisionNumber)
async def restore_revision(project_id: UUID, data: RevisionNumber) -> tuple[Project, dict[str, str]]:
    """Save an older revision's timeline as the newest, if nobody saved since the one that If-Match names."""
    saved = await studio.restore_revision(
        project_id, data.number, expected=_expected(), author=principal().user, now=_now()
    )
    return Project.model_validate(saved), _etag(saved.revision)


@endpoint(
    projects,
    "/check",
    "POST",
    Rules(needs=Permission.READ, vault=True, gives={200: Checked}, problems=(413,)),
    body=NewRevision,
)
async def check_document(data: NewRevision) -> Checked:
    """Tell everything that is wrong with a timeline, with its path."""
    try:
        await check_for(shell().studio, tenant(), data.document, actor=principal().actor)
    except InvalidTimeline as err:
        told = [Complaint(path=each.path, message=each.message, code=each.code) for each in err.complaints]
        return Checked(complaints=told)
    return Checked(complaints=[])


def _expected() -> int:
    """Return the revision that If-Match names. Raise ``PreconditionNeeded``, ``InvalidInput``."""
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given:
        raise PreconditionNeeded
    if not (given.isascii() and given.isdigit()) or len(given) > 9:
        raise InvalidInput("is no ETag that was given out", path="If-Match")
    return int(given)


def _etag(revision: int) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}


def _now() -> datetime:
    return datetime.now(UTC)
