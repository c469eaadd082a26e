"""Variables: ``{{name}}`` in the texts of a timeline, replaced before anything else is read."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.timeline.complaints import Complaint, InvalidTimeline, join, suggestion
from core.timeline.document.base import plain_json, shown

MAX_GROWTH = 16 * 2**20
"""How much all replacements together may add to a document, in characters of JSON."""

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def substitute(document: dict[str, Any]) -> tuple[dict[str, Any], list[Complaint]]:
    """Replace ``{{name}}`` from the document's variables; nested timelines add their own to those around them.

    A text that is one whole placeholder takes the variable's own type. What is put in is not read again. Return what
    is left open as complaints; raise ``InvalidTimeline`` when the document grows beyond ``MAX_GROWTH``.
    """
    substitution = _Substitution()
    return substitution.replace(document, {}, ""), substitution.missing


class _Substitution:
    def __init__(self) -> None:
        self.missing: list[Complaint] = []
        self._growth = 0
        self._sizes: dict[int, int] = {}

    def replace(self, value: Any, variables: Mapping[str, Any], path: str) -> Any:
        match value:
            case dict() if path == "" or path.endswith(".asset.timeline"):
                return self._timeline(value, variables, path)
            case dict():
                return {key: self.replace(inner, variables, join(path, key)) for key, inner in value.items()}
            case list():
                return [self.replace(inner, variables, f"{path}[{index}]") for index, inner in enumerate(value)]
            case str():
                return self._fill(value, variables, path)
            case _:
                return value

    def _timeline(self, value: dict[str, Any], around: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Replace in a whole timeline; a nested one's variables may themselves be filled from those around it."""
        own = value.get("variables")
        if own is not None and path:
            own = self.replace(own, around, join(path, "variables"))
        variables = {**around, **own} if isinstance(own, dict) else around
        return {
            key: own if key == "variables" else self.replace(inner, variables, join(path, key))
            for key, inner in value.items()
        }

    def _fill(self, text: str, variables: Mapping[str, Any], path: str) -> Any:
        def take(name: str) -> Any:
            if name not in variables:
                message = f"no variable {shown(name)}{suggestion(name, variables)}"
                self.missing.append(Complaint(path=path, message=message, code="missing_variable"))
                return ""
            self._grow(variables[name])
            return variables[name]

        whole = _PLACEHOLDER.fullmatch(text)
        return take(whole[1]) if whole else _PLACEHOLDER.sub(lambda found: _as_text(take(found[1])), text)

    def _grow(self, value: Any) -> None:
        if id(value) not in self._sizes:
            self._sizes[id(value)] = len(_as_text(value))
        self._growth += self._sizes[id(value)]
        if self._growth > MAX_GROWTH:
            message = "the variables fill the document beyond 16 MiB"
            raise InvalidTimeline((Complaint(path="variables", message=message, code="too_large"),))


def _as_text(value: Any) -> str:
    match value:
        case str():
            return value
        case Decimal():
            return f"{value:f}"
        case _:
            return json.dumps(plain_json(value), ensure_ascii=False)
