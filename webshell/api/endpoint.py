"""Endpoints: every route says who may use it, how often, what it takes and what it gives."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from pydantic import BaseModel
from quart import Blueprint, Response, request
from quart_schema.validation import (
    QUART_SCHEMA_QUERYSTRING_ATTRIBUTE,
    QUART_SCHEMA_REQUEST_ATTRIBUTE,
    QUART_SCHEMA_RESPONSE_ATTRIBUTE,
    DataSource,
    RequestSchemaValidationError,
)

from tenants.vault.scope import scope
from webshell.auth.limiting import RateClass, limit
from webshell.auth.principal import person, principal, tenant

RULES = "_reelhouse_rules"
EVERYBODY = "everybody"
"""The permission that needs no principal."""
ANYBODY = "signed-in"
"""The permission that every principal has."""

PERSON = "person"
"""The permission of who is signed in themselves; programs with an API token lack it."""

type Answer = BaseModel | Response | tuple[BaseModel | None, Mapping[str, str]] | None
"""What a view returns: a model of those it gives, None where it gives no content; with headers perhaps."""
type View = Callable[..., Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for one route.

    ``needs`` is the permission it needs; ``fresh`` says that who asks must have proven lately who they are; ``vault``
    that it runs within the tenant's vault. ``gives`` are the models of its answers by status, ``problems`` the statuses
    of what may go wrong besides what may go wrong everywhere.
    """

    needs: str
    rate: RateClass = RateClass.READ
    fresh: bool = False
    vault: bool = False
    gives: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    media: str = "application/json"


def endpoint[Route: View](
    blueprint: Blueprint,
    rule: str,
    method: str,
    rules: Rules,
    *,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
) -> Callable[[Route], Route]:
    """Make a view a route of a blueprint; it is given ``query`` and ``data`` where it takes them.

    Who asks is found and allowed before anything they sent is looked at.
    """

    def routed(view: Route) -> Route:
        @wraps(view)
        async def guarded(**arguments: Any) -> Response:
            await _admit(rules)
            if query is not None:
                arguments["query"] = _read(lambda: query.model_validate(request.args.to_dict()))
            if body is not None:
                sent = await request.get_data()
                arguments["data"] = _read(lambda: body.model_validate_json(sent or b"{}"))
            async with AsyncExitStack() as stack:
                if rules.vault:
                    await stack.enter_async_context(scope(tenant()))
                return _answer(await view(**arguments), rules)

        setattr(guarded, RULES, rules)
        if query is not None:
            setattr(guarded, QUART_SCHEMA_QUERYSTRING_ATTRIBUTE, query)
        if body is not None:
            setattr(guarded, QUART_SCHEMA_REQUEST_ATTRIBUTE, (body, DataSource.JSON))
        models = {status: (model, None) for status, model in rules.gives.items() if model is not None}
        setattr(guarded, QUART_SCHEMA_RESPONSE_ATTRIBUTE, models)
        blueprint.add_url_rule(rule, view.__name__, guarded, methods=[method], provide_automatic_options=False)
        return view

    return routed


async def _admit(rules: Rules) -> None:
    """Raise what keeps the running request from its view."""
    now = datetime.now(UTC)
    await limit(rules.rate, now)
    if rules.needs == EVERYBODY:
        return
    who = principal()
    if rules.needs == PERSON:
        person()
    elif rules.needs != ANYBODY:
        who.require(rules.needs)
    if rules.fresh:
        who.require_fresh(now)


def _read[Read](reading: Callable[[], Read]) -> Read:
    try:
        return reading()
    except ValueError as err:
        raise RequestSchemaValidationError(err) from err


def _answer(given: Answer, rules: Rules) -> Response:
    if isinstance(given, Response):
        return given
    headers: Mapping[str, str] = {}
    if isinstance(given, tuple):
        given, headers = given
    if given is None:
        return Response(status=HTTPStatus.NO_CONTENT, headers=cast("dict[str, str]", dict(headers)))
    status = next((each for each, model in rules.gives.items() if model is not None and isinstance(given, model)), None)
    if status is None:
        raise TypeError(f"the route gives {type(given).__name__}, which its rules do not name")
    text = given.model_dump_json(exclude_none=False)
    return Response(text, status, content_type="application/json", headers=cast("dict[str, str]", dict(headers)))
