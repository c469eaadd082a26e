"""The OpenAPI document: made of the routes' rules and models, so that it can't say anything else than they do."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, override

from quart import Quart
from quart_schema import APIKeySecurityScheme, HttpSecurityScheme, Info, OpenAPIProvider, QuartSchema
from werkzeug.routing.converters import BaseConverter, UUIDConverter
from werkzeug.routing.rules import Rule

from webshell.api.endpoint import EVERYBODY, RULES, Rules
from webshell.api.problems import MEDIA_TYPE, Problem

PATH = "/api/v1/openapi.json"
VERSION = "1.0.0"
"""The API's own version, by semantic versioning."""
_ABOUT = "Make, render and keep videos. Errors are problem documents (RFC 9457) with a stable `code`."
CHECKSUM_MISMATCH = 460
"""A status of tus, which HTTP does not know."""
_REF = "#/components/schemas/{model}"


def describe(app: Quart) -> None:
    """Have the application tell of its routes at ``PATH``."""
    QuartSchema(
        app,
        openapi_path=PATH,
        redoc_ui_path=None,
        scalar_ui_path=None,
        swagger_ui_path=None,
        info=Info(title="Reelhouse", version=VERSION, description=_ABOUT),
        security_schemes={
            "session": APIKeySecurityScheme(name="__Host-session", in_="cookie"),
            "bearer": HttpSecurityScheme(scheme="bearer"),
        },
        conversion_preference="pydantic",
        openapi_provider_class=Document,
    )


def document_of(app: Quart) -> dict[str, Any]:
    """Return what ``PATH`` tells."""
    schema: QuartSchema = app.extensions["QUART_SCHEMA"]
    return schema.openapi_provider.schema()


class Document(OpenAPIProvider):
    """Adds to each operation what its rules say: who may, what it gives, what may go wrong."""

    @override
    def schema(self) -> dict[str, Any]:
        """Return the document, its paths and names in order, so that two can be compared."""
        found = super().schema()
        problem = Problem.model_json_schema(ref_template=_REF)
        found["components"]["schemas"] |= {**problem.pop("$defs", {}), "Problem": problem}
        found["components"]["schemas"] = dict(sorted(found["components"]["schemas"].items()))
        found["paths"] = dict(sorted(found["paths"].items()))
        return found

    @override
    def generate_rules(self) -> list[Rule]:
        """Return the routes of the API."""
        return [each for each in super().generate_rules() if hasattr(self._view(each), RULES)]

    @override
    def build_paths(self, rule: Rule) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the operations of a route, and the schemas they need."""
        paths, components = super().build_paths(rule)
        rules: Rules = getattr(self._view(rule), RULES)
        for operations in paths.values():
            for operation in operations.values():
                blueprint, _, name = rule.endpoint.rpartition(".")
                operation["operationId"] = f"{name}_{blueprint}" if name in _PLAIN else name
                operation["tags"] = [blueprint]
                operation["security"] = [] if rules.needs == EVERYBODY else [{"session": []}, {"bearer": []}]
                if rules.needs != EVERYBODY:
                    operation["x-permission"] = rules.needs
                self._tell_answers(operation["responses"], rules, takes_body="requestBody" in operation)
        return paths, components

    @override
    def generate_methods(self, rule: Rule) -> Iterable[str]:
        """Return the methods of a route; ``HEAD`` where it is a route of its own, not one that comes with ``GET``."""
        methods = rule.methods or set()
        return methods - ({"HEAD"} if "GET" in methods else set())

    @override
    def build_path_parameter(self, name: str, converter: BaseConverter) -> dict[str, Any]:
        """Return a parameter of a path; ids are UUIDs."""
        found = super().build_path_parameter(name, converter)
        if isinstance(converter, UUIDConverter):
            found["schema"] = {"type": "string", "format": "uuid"}
        return found

    @staticmethod
    def _tell_answers(answers: dict[Any, Any], rules: Rules, *, takes_body: bool) -> None:
        for status, model in rules.gives.items():
            if model is None:
                content: dict[str, Any] = {} if status == HTTPStatus.NO_CONTENT else {"content": {rules.media: {}}}
                answers[status] = {"description": _phrase(status), **content}
        wrong = {400, 422, 429, 503, *rules.problems} | ({413} if takes_body else set())
        wrong |= set() if rules.needs == EVERYBODY else {401, 403}
        for status in sorted(wrong):
            schema = {"$ref": _REF.format(model="Problem")}
            answers[status] = {"description": _phrase(status), "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in list(answers):
            answers[str(int(status))] = answers.pop(status)

    def _view(self, rule: Rule) -> Any:
        return self._app.view_functions[rule.endpoint]


def _phrase(status: int) -> str:
    return "Checksum Mismatch" if status == CHECKSUM_MISMATCH else HTTPStatus(status).phrase


_PLAIN = frozenset({"list", "create", "show", "update", "delete"})
"""Names of views that say what is done, but not to what."""
