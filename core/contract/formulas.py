"""Formulas: the steps by which ``transitions.json`` and ``animations.json`` define what is shown, evaluated.

No renderer draws by them: each has its own fast form. They make the samples that every renderer is tested against
(``core.contract.samples``), so that what is written there is what is meant.
"""

import ast
import json
import math
import operator
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from core.api import Maths, animation_maths, transition_maths
from core.contract.grains import grain_at

FOLDER = Path(__file__).parent
"""Where the shared data lies."""
TRANSITIONS, ANIMATIONS = "transitions", "animations"

type Given = bool | float | str | list[float]
type Function = Callable[..., float]


def clamp(value: float, least: float, most: float) -> float:
    """Return the value, moved to the nearer bound if it lies outside."""
    return min(max(value, least), most)


_FUNCTIONS: Mapping[str, Function] = {
    "abs": abs,
    "min": min,
    "max": max,
    "clamp": clamp,
    "sqrt": math.sqrt,
    "hypot": math.hypot,
    "pow": math.pow,
    "cos": math.cos,
    "sin": math.sin,
    "radians": math.radians,
    "floor": math.floor,
    "round": round,
}
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def solve(
    kind: str, id_: str, parameters: Mapping[str, Given], places: Mapping[str, float], *, seed: int = 0
) -> dict[str, float]:
    """Return all steps of a formula by name.

    ``kind`` is ``transitions`` or ``animations``; ``parameters`` are the contribution's own, as in a timeline;
    ``places`` are ``p`` and, for transitions, ``W``, ``H``, ``x`` and ``y`` as far as the formula needs them. Raise
    ``ValueError`` for an expression that is none, ``KeyError`` for a name that it does not know.
    """
    definition = _definitions(kind)[id_]
    maths = transition_maths(id_) if kind == TRANSITIONS else animation_maths(id_)
    known = {**maths.numbers, **_numbers(definition, maths, parameters), **places}
    functions = {**_FUNCTIONS, **{name: law.at for name, law in maths.laws.items()}, "grain": _grain(seed)}
    steps: dict[str, float] = {}
    for name, expression in definition["formula"]:
        steps[name] = _value(_parsed(expression).body, {**known, **steps}, functions)
    return steps


def _numbers(definition: Mapping[str, Any], maths: Maths, parameters: Mapping[str, Given]) -> dict[str, float]:
    """Return parameters as the numbers that formulas know them by."""
    numbers: dict[str, float] = {}
    chosen: dict[str, float] = {}
    names = {parameter: name for name, parameter in definition.get("parameters", {}).items()}
    for parameter, given in parameters.items():
        name = names.get(parameter, parameter)
        match given:
            case str():
                chosen |= maths.choices.get(parameter, {}).get(given, {})
            case [x, y]:
                numbers |= {f"{name}_x": x, f"{name}_y": y}
            case bool() | int() | float():
                numbers[name] = float(given)
    return numbers | chosen


def _grain(seed: int) -> Function:
    return lambda place: grain_at(seed, int(place))


def _value(node: ast.expr, known: Mapping[str, float], functions: Mapping[str, Function]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known, functions)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, known, functions), _value(right, known, functions))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return functions[name](*(_value(argument, known, functions) for argument in arguments))
        case _:
            raise ValueError(f"no part of a formula: {ast.unparse(node)}")


@lru_cache(maxsize=256)
def _parsed(expression: str) -> ast.Expression:
    return ast.parse(expression, mode="eval")


@cache
def _definitions(kind: str) -> Mapping[str, Any]:
    definitions: Mapping[str, Any] = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))["definitions"]
    return definitions
