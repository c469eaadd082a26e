"""Parameters: declared once by a plugin, used for validation, JSON Schema, forms, keyframes and docs."""

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Self

from core.api.curves import CurvePoints, parse_curve
from core.api.errors import InvalidInput

type JsonValue = bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None
type ParameterValue = bool | int | float | str | Color | tuple[float, float]

_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_NUMBER_TYPES = (int, float, Decimal)
_LONGEST_SHOWN = 60


class ParameterType(StrEnum):
    """What a parameter's value is."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    TEXT = "text"
    CHOICE = "choice"
    COLOR = "color"
    POINT = "point"
    """A pair ``[x, y]`` of numbers, fractions of the frame unless the unit says otherwise."""
    CURVE = "curve"
    """Control points of a curve from 0,0 to 1,1 as a text, ``"0,0 0.25,0.2 1,1"``."""
    ASSET = "asset"
    """An asset reference (``asset:…``, ``file:…``, ``provider:…``); the plugin gets a local path."""
    SECRET = "secret"  # noqa: S105
    """A write-only text; used in a plugin's configuration, never in an effect."""


@dataclass(frozen=True, slots=True)
class Color:
    """A colour of 8-bit components; ``a`` is straight alpha, 255 opaque."""

    r: int
    g: int
    b: int
    a: int = 255

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``#rrggbb`` or ``#rrggbbaa``; raise ``ValueError`` otherwise."""
        if not _HEX.fullmatch(text):
            raise ValueError(f"not a colour: {_shown(text)} (write #rrggbb or #rrggbbaa)")
        return cls(*bytes.fromhex(text[1:]))

    def __str__(self) -> str:
        alpha = "" if self.a == 255 else f"{self.a:02x}"
        return f"#{self.r:02x}{self.g:02x}{self.b:02x}{alpha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One named setting of an effect, transition, animation, encoder, provider or plugin.

    ``minimum`` and ``maximum`` are inclusive. ``unit`` is shown beside the field: ``"s"``, ``"px"``, ``"°"``,
    ``"%"``, ``"dB"``, ``"EV"``, or ``"of height"`` for fractions of the frame. ``animatable`` numbers take
    keyframes. ``widget`` hints at the control (``slider``, ``wheel``, ``switch``, ``curve``, ``textarea``).
    ``group`` gathers fields in the form; ``visible_if`` maps another parameter's name to the value that shows this.

    ``is_operator_only`` marks what names something of the machine itself (a folder, a library): whoever runs the
    installation sets it in ``plugins.toml``, tenants can't.

    ``check`` looks at the file of an asset as soon as it is there, long before it is drawn with, and raises
    ``InvalidInput`` where it can't be used. It may be called in another process than the drawing, and more than once.
    """

    name: str
    title: str
    type: ParameterType = ParameterType.FLOAT
    default: ParameterValue | None = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    animatable: bool = False
    widget: str = ""
    group: str = ""
    help: str = ""
    visible_if: Mapping[str, JsonValue] = field(default_factory=dict)
    is_operator_only: bool = False
    check: Callable[[Path], None] | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"a parameter's name is an identifier, not {self.name!r}")
        if self.animatable and self.type not in (ParameterType.FLOAT, ParameterType.INT):
            raise ValueError(f"{self.name}: only numbers can be animated")
        if self.type is ParameterType.CHOICE and not self.choices:
            raise ValueError(f"{self.name}: a choice needs choices")
        if self.check is not None and self.type is not ParameterType.ASSET:
            raise ValueError(f"{self.name}: only an asset has a file to check")
        if self.default is not None:
            self.parse(_as_json(self.default), path=self.name)

    @property
    def is_required(self) -> bool:
        """True when there is no default, so that a caller must give a value."""
        return self.default is None

    def parse(self, value: JsonValue, *, path: str) -> ParameterValue:
        """Turn a JSON value into this parameter's type; raise ``InvalidInput`` with ``path`` when it does not fit."""
        match self.type:
            case ParameterType.FLOAT | ParameterType.INT:
                return self._parse_number(value, path)
            case ParameterType.BOOL:
                if not isinstance(value, bool):
                    raise InvalidInput(f"must be true or false, not {_shown(value)}", path=path)
                return value
            case ParameterType.CHOICE:
                if value not in self.choices:
                    raise InvalidInput(
                        f"unknown {_shown(value)}{did_you_mean(value, self.choices)}; one of {', '.join(self.choices)}",
                        path=path,
                    )
                return str(value)
            case ParameterType.COLOR:
                if not isinstance(value, str):
                    raise InvalidInput(f"not a colour: {_shown(value)} (write #rrggbb or #rrggbbaa)", path=path)
                try:
                    return Color.parse(value)
                except ValueError as err:
                    raise InvalidInput(str(err), path=path) from err
            case ParameterType.POINT:
                return self._parse_point(value, path)
            case ParameterType.CURVE:
                if not isinstance(value, str):
                    raise InvalidInput(f"must be a curve's points as a text, not {_shown(value)}", path=path)
                try:
                    parse_curve(value)
                except ValueError as err:
                    raise InvalidInput(str(err), path=path) from err
                return value
            case _:
                if not isinstance(value, str):
                    raise InvalidInput(f"must be a text, not {_shown(value)}", path=path)
                return value

    def _parse_number(self, value: JsonValue, path: str) -> float | int:
        if isinstance(value, bool) or not isinstance(value, _NUMBER_TYPES) or not math.isfinite(value):
            raise InvalidInput(f"must be a number, not {_shown(value)}", path=path)
        if self.type is ParameterType.INT and value != int(value):
            raise InvalidInput(f"must be a whole number, not {_shown(value)}", path=path)
        if self.minimum is not None and value < self.minimum:
            raise InvalidInput(f"must be at least {self.minimum:g}, not {float(value):g}", path=path)
        if self.maximum is not None and value > self.maximum:
            raise InvalidInput(f"must be at most {self.maximum:g}, not {float(value):g}", path=path)
        return int(value) if self.type is ParameterType.INT else float(value)

    def _parse_point(self, value: JsonValue, path: str) -> tuple[float, float]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise InvalidInput(f"must be a pair [x, y], not {_shown(value)}", path=path)
        scalar = Parameter(name=self.name, title=self.title, minimum=self.minimum, maximum=self.maximum)
        x, y = (scalar._parse_number(part, f"{path}[{i}]") for i, part in enumerate(value))
        return x, y

    def json_schema(self) -> dict[str, JsonValue]:
        """Return this parameter as JSON Schema (draft 2020-12), with ``x-`` keys for the form."""
        schema: dict[str, JsonValue] = {"title": self.title, **_JSON_TYPES[self.type]}
        if self.help:
            schema["description"] = self.help
        if self.default is not None:
            schema["default"] = _as_json(self.default)
        numeric = self.type in (ParameterType.FLOAT, ParameterType.INT)
        if numeric and self.minimum is not None:
            schema["minimum"] = self.minimum
        if numeric and self.maximum is not None:
            schema["maximum"] = self.maximum
        if self.choices:
            schema["enum"] = list(self.choices)
        hints: dict[str, JsonValue] = {
            "x-type": self.type.value,
            "x-unit": self.unit,
            "x-step": self.step,
            "x-widget": self.widget,
            "x-group": self.group,
            "x-operator-only": self.is_operator_only,
            "x-animatable": self.animatable,
            "x-visible-if": dict(self.visible_if),
        }
        schema.update({key: hint for key, hint in hints.items() if hint})
        return schema


_JSON_TYPES: dict[ParameterType, dict[str, JsonValue]] = {
    ParameterType.FLOAT: {"type": "number"},
    ParameterType.INT: {"type": "integer"},
    ParameterType.BOOL: {"type": "boolean"},
    ParameterType.TEXT: {"type": "string"},
    ParameterType.CHOICE: {"type": "string"},
    ParameterType.COLOR: {"type": "string", "pattern": "^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$"},
    ParameterType.POINT: {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    ParameterType.CURVE: {"type": "string"},
    ParameterType.ASSET: {"type": "string", "format": "uri-reference"},
    ParameterType.SECRET: {"type": "string", "writeOnly": True},
}


def _as_json(value: ParameterValue) -> JsonValue:
    match value:
        case Color():
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value


def _shown(value: JsonValue) -> str:
    """Write a value as who gave it knows it, as JSON, and no longer than anyone reads."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``', did you mean "fade"?'`` for the nearest known name, or an empty text."""
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f', did you mean "{near[0]}"?' if near else ""


def parameters_schema(parameters: Iterable[Parameter]) -> dict[str, JsonValue]:
    """Return the JSON Schema of an object that holds these parameters and nothing else."""
    listed = tuple(parameters)
    return {
        "type": "object",
        "properties": {parameter.name: parameter.json_schema() for parameter in listed},
        "required": [parameter.name for parameter in listed if parameter.is_required],
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class Values:
    """Parameter values at one instant, read by name and type.

    A name that was not declared, or one of another type, is the plugin's own mistake: ``KeyError`` or ``TypeError``.
    """

    values: Mapping[str, ParameterValue] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """Return a number (``float`` or ``int`` parameters)."""
        value = self.values[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{name} is not a number")
        return value

    def flag(self, name: str) -> bool:
        """Return a ``bool`` parameter."""
        value = self.values[name]
        if not isinstance(value, bool):
            raise TypeError(f"{name} is not a flag")
        return value

    def text(self, name: str) -> str:
        """Return a ``text``, ``choice`` or ``secret`` parameter; an unset one is empty."""
        value = self.values.get(name, "")
        if not isinstance(value, str):
            raise TypeError(f"{name} is not a text")
        return value

    def color(self, name: str) -> Color:
        """Return a ``color`` parameter."""
        value = self.values[name]
        if not isinstance(value, Color):
            raise TypeError(f"{name} is not a colour")
        return value

    def point(self, name: str) -> tuple[float, float]:
        """Return a ``point`` parameter."""
        value = self.values[name]
        if not isinstance(value, tuple):
            raise TypeError(f"{name} is not a point")
        return value

    def curve(self, name: str) -> CurvePoints:
        """Return the points of a ``curve`` parameter, in order."""
        return parse_curve(self.text(name))

    def path(self, name: str) -> Path:
        """Return the local file of an ``asset`` parameter."""
        return Path(self.text(name))


def parse_values(
    parameters: Iterable[Parameter], given: Mapping[str, JsonValue], *, path: str = "params"
) -> tuple[Values, tuple[InvalidInput, ...]]:
    """Check ``given`` against ``parameters`` and fill in defaults.

    Return the values and every complaint at once; the values hold only what was right.
    """
    known = {parameter.name: parameter for parameter in parameters}
    complaints = [
        InvalidInput(f'unknown parameter "{name}"{did_you_mean(name, known)}', path=f"{path}.{name}")
        for name in given
        if name not in known
    ]
    values: dict[str, ParameterValue] = {}
    for name, parameter in known.items():
        if name in given:
            try:
                values[name] = parameter.parse(given[name], path=f"{path}.{name}")
            except InvalidInput as complaint:
                complaints.append(complaint)
        elif parameter.default is not None:
            values[name] = parameter.default
        else:
            complaints.append(InvalidInput("is required", path=f"{path}.{name}"))
    return Values(values), tuple(complaints)
