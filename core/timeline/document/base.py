"""The building blocks of the document's models: times, numbers, colours, animated numbers."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Strict,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from core.api import Color, JsonValue
from core.timeline.curves import Animated, Curve, Key

DECIMALS = 6
_SMALLEST = Decimal(1).scaleb(-DECIMALS)
MAX_NAME = 200
MAX_SRC = 4000
LONGEST = 24 * 3600
"""The longest time a timeline may name, in seconds."""


class Model(BaseModel):
    """A part of the document: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, arbitrary_types_allowed=True, validate_default=False
    )


def wrong(message: str) -> PydanticCustomError:
    """Return an error whose message is shown as it is."""
    return PydanticCustomError("wrong", "{message}", {"message": message})


def parse_time(value: object) -> Fraction:
    """Read seconds exactly: a decimal number of at most six digits after the point."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(f"must be a number of seconds, not {shown(value)}")
    exact = Decimal(value)
    if not 0 <= exact <= LONGEST:
        raise wrong(f"must lie between 0 and {LONGEST} seconds, not {shown(value)}")
    rounded = exact.quantize(_SMALLEST)
    if exact != rounded:
        raise wrong(f"has more than {DECIMALS} digits after the point")
    return Fraction(rounded)


def parse_length(value: object) -> Fraction:
    """Read a length of time: seconds, more than 0."""
    seconds = parse_time(value)
    if seconds <= 0:
        raise wrong("must be longer than 0 seconds")
    return seconds


def shown(value: object) -> str:
    """Write a value as the document's author would know it, shortly."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) <= 40 else f'"{value[:40]}…"'
        case dict():
            return "an object"
        case list():
            return "a list"
        case Decimal() if abs(value.adjusted()) < 20:
            return f"{value.normalize():f}"
        case _:
            text = str(value)
            return text if len(text) <= 40 else f"{text[:40]}…"


def plain_json(value: Any) -> JsonValue:
    """Return a value of the document, whose numbers were read exactly, as plain JSON for a plugin's parameters."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: plain_json(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain_json(inner) for inner in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"{type(value).__name__} stands in no JSON")


def parse_number(value: object) -> float:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise wrong(f"must be a number, not {shown(value)}")
    number = float(value)
    if not math.isfinite(number):
        raise wrong("must be a finite number")
    return number


def between(least: float | None, most: float | None) -> BeforeValidator:
    """Return a validator for numbers within bounds, both inclusive."""

    def check(value: object) -> float:
        number = parse_number(value)
        if least is not None and number < least:
            raise wrong(f"must be at least {least:g}, not {number:g}")
        if most is not None and number > most:
            raise wrong(f"must be at most {most:g}, not {number:g}")
        return number

    return BeforeValidator(check)


def parse_whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(f"must be a whole number, not {shown(value)}")
    return value


def parse_color(value: object) -> Color:
    """Read ``#rrggbb`` or ``#rrggbbaa``."""
    if isinstance(value, Color):
        return value
    if not isinstance(value, str):
        raise wrong(f"must be a colour like #rrggbb, not {shown(value)}")
    try:
        return Color.parse(value)
    except ValueError as err:
        raise wrong(str(err)) from err


def number_schema(description: str, **more: Any) -> WithJsonSchema:
    """Describe a number in the published schema."""
    return WithJsonSchema({"type": "number", "description": description, **more})


Flag = Annotated[bool, Strict()]
Name = Annotated[str, Field(max_length=MAX_NAME)]
"""An id, a name, a font, an easing."""
Src = Annotated[str, Field(max_length=MAX_SRC)]
"""A reference to a file: ``file:…``, ``asset:…``, ``provider:…`` or ``https://…``."""

_TIME_SCHEMA = number_schema("Seconds, at most six digits after the point.", minimum=0, maximum=LONGEST)

Time = Annotated[Fraction, BeforeValidator(parse_time), _TIME_SCHEMA]
Length = Annotated[
    Fraction,
    BeforeValidator(parse_length),
    number_schema("Seconds, more than 0.", exclusiveMinimum=0, maximum=LONGEST),
]
Number = Annotated[float, BeforeValidator(parse_number), WithJsonSchema({"type": "number"})]
Share = Annotated[float, between(0, 1), number_schema("A fraction of the whole.", minimum=0, maximum=1)]
Whole = Annotated[int, BeforeValidator(parse_whole), WithJsonSchema({"type": "integer"})]
ColorField = Annotated[
    Color,
    BeforeValidator(parse_color),
    WithJsonSchema({"type": "string", "pattern": "^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$"}),
]
Anchor = Annotated[float, between(-10, 10), number_schema("A fraction of the box.", minimum=-10, maximum=10)]
Point = tuple[Anchor, Anchor]


class Keyframe(Model):
    """A keyframe: at ``t`` seconds from the clip's start the value is ``v``; ``ease`` leads to the next."""

    t: Time
    v: Number
    ease: Name = "linear"


class Keyframes(Model):
    """A number that changes over time. Values hold before the first and after the last key."""

    keys: list[Keyframe] = Field(min_length=1, max_length=1000)

    def curve(self) -> Curve:
        """Return the curve of the keys."""
        return Curve(tuple(Key(key.t, key.v, key.ease) for key in self.keys))


def _form(value: object) -> str:
    return "#keys" if isinstance(value, dict | Keyframes) else "#number"


AnimatedField = Annotated[
    Annotated[Number, Tag("#number")] | Annotated[Keyframes, Tag("#keys")],
    Discriminator(_form),
]
"""A number, or ``{"keys": […]}``. The tags never show in a path."""


@dataclass(frozen=True, slots=True)
class Range:
    """The bounds of an animated number, both inclusive; they hold for each of its keys.

    Pydantic publishes them; ``checking`` enforces them, since only there a key's own place can be named.
    """

    least: float
    most: float

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Write the bounds beside the plain number."""
        published = handler(schema)
        for form in published.get("oneOf", ()):
            if form.get("type") == "number":
                form |= {"minimum": self.least, "maximum": self.most}
        return published


def animated(field: float | Keyframes) -> Animated:
    """Return the plan's form of an animated number."""
    return field.curve() if isinstance(field, Keyframes) else field
