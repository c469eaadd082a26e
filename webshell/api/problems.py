"""Problem documents (RFC 9457): how the API tells what went wrong, with a stable ``code``."""

import logging
import math
from http import HTTPStatus

from pydantic import BaseModel, Field, ValidationError
from quart import Quart, Response, g, request
from quart_schema.validation import RequestSchemaValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from core.api import InvalidInput, ReelhouseError
from core.timeline.complaints import Complaint as TimelineComplaint

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)


class Complaint(BaseModel):
    """One thing that is wrong with what was sent, and where."""

    path: str
    message: str
    code: str


class Problem(BaseModel):
    """What went wrong. ``code`` is stable; ``instance`` names the request, as the log does."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    hint: str | None = None
    path: str | None = None
    complaints: list[Complaint] | None = Field(default=None, description="Every complaint, where there are several.")


def problem_of(error: ReelhouseError) -> Problem:
    """Return an error as a problem document."""
    complaints = [
        Complaint(path=each.path or "", message=_message(each), code=each.code)
        for each in getattr(error, "complaints", ())
    ]
    return _problem(
        error.status,
        error.code,
        str(error),
        hint=error.hint,
        path=getattr(error, "path", None),
        complaints=complaints or None,
    )


def _message(complaint: InvalidInput | TimelineComplaint) -> str:
    return complaint.message if isinstance(complaint, TimelineComplaint) else str(complaint)


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """Return the answer that holds a problem document."""
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, problem.status, content_type=MEDIA_TYPE, headers=headers)


def show_problems(app: Quart) -> None:
    """Have every error answered with a problem document."""

    @app.errorhandler(ReelhouseError)
    async def _expected(error: ReelhouseError) -> Response:
        seconds: float | None = getattr(error, "retry_after", None)
        headers = {} if seconds is None else {"Retry-After": str(max(1, math.ceil(seconds)))}
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.warning("%s: %s", error.code, error)
        return respond(problem_of(error), headers)

    @app.errorhandler(RequestSchemaValidationError)
    async def _malformed(error: RequestSchemaValidationError) -> Response:
        return respond(_of_validation(error.validation_error))

    @app.errorhandler(HTTPException)
    async def _http(error: HTTPException) -> Response:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        code = HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
        allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
        headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
        return respond(_problem(status, code, error.description or HTTPStatus(status).phrase), headers)

    @app.errorhandler(Exception)
    async def _unexpected(error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.path, exc_info=error)
        return respond(
            _problem(
                500, "internal_error", "Something went wrong here. It was logged under the number of this request."
            )
        )


def _of_validation(error: Exception) -> Problem:
    """Return what is wrong with a body or a query; never the value itself, which may be a secret."""
    if not isinstance(error, ValidationError):
        return _problem(422, InvalidInput.code, "the body is not what this route takes")
    complaints = [
        Complaint(
            path=".".join(map(str, each["loc"])), message=each["msg"].removeprefix("Value error, "), code=each["type"]
        )
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    first = complaints[0]
    return _problem(
        422,
        InvalidInput.code,
        f"{first.path}: {first.message}" if first.path else first.message,
        path=first.path or None,
        complaints=complaints,
    )


def _problem(
    status: int,
    code: str,
    detail: str,
    *,
    hint: str | None = None,
    path: str | None = None,
    complaints: list[Complaint] | None = None,
) -> Problem:
    return Problem(
        type=f"urn:reelhouse:problem:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=detail,
        instance=f"urn:reelhouse:request:{g.request_id}",
        hint=hint,
        path=path,
        complaints=complaints,
    )
