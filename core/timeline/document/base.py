"""The building blocks of the document's models: times, numbers, colours, animated numbers."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.api import Color
from core.timeline.curves import Animated, Curve, Key

DECIMALS = 6
LONGEST = 24 * 3600
"""The longest time a timeline may name, in seconds."""


class Model(BaseModel):
    """A part of the document: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, validate_default=False)


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
    exponent = exact.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMALS:
        raise wrong(f"has more than {DECIMALS} digits after the point")
    if not 0 <= exact <= LONGEST:
        raise wrong(f"must lie between 0 and {LONGEST} seconds, not {shown(value)}")
    return Fraction(exact)


def shown(value: object) -> str:
    """Write a value as the document's author would know it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:40]}…"'
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return (
        {None: "null", True: "true", False: "false"}.get(value, str(value))
        if value is None or isinstance(value, bool)
        else str(value)
    )


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


_TIME_SCHEMA = number_schema("Seconds, at most six digits after the point.", minimum=0, maximum=LONGEST)

Time = Annotated[Fraction, BeforeValidator(parse_time), _TIME_SCHEMA]
Number = Annotated[float, BeforeValidator(parse_number), WithJsonSchema({"type": "number"})]
Positive = Annotated[float, between(1e-6, 1000), number_schema("More than 0.", exclusiveMinimum=0, maximum=1000)]
NotNegative = Annotated[float, between(0, 1000), number_schema("At least 0.", minimum=0, maximum=1000)]
Share = Annotated[float, between(0, 1), number_schema("A fraction of the whole.", minimum=0, maximum=1)]
Whole = Annotated[int, BeforeValidator(parse_whole), WithJsonSchema({"type": "integer"})]
ColorField = Annotated[
    Color,
    BeforeValidator(parse_color),
    WithJsonSchema({"type": "string", "pattern": "^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$"}),
]
Point = tuple[Number, Number]


class Keyframe(Model):
    """A keyframe: at ``t`` seconds from the clip's start the value is ``v``; ``ease`` leads to the next."""

    t: Time
    v: Number
    ease: str = "linear"


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


def animated(field: float | Keyframes) -> Animated:
    """Return the plan's form of an animated number."""
    return field.curve() if isinstance(field, Keyframes) else field
