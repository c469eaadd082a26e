"""What all contract suites share: how a breach is told, and which values parameters are tried with."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from core.api.curves import MOST_POINTS
from core.api.errors import ReelhouseError
from core.api.parameters import Color, JsonValue, Parameter, ParameterType, ParameterValue, Values, parse_values

UNBOUNDED = 1000.0
_CURVES = ("0,1 1,0", "0.5,0 0.500001,1", " ".join(f"{step / 255},{step % 2}" for step in range(MOST_POINTS)))
_COLORS = (Color(0, 0, 0), Color(255, 255, 255), Color(20, 120, 220, 128))


class ContractError(AssertionError):
    """A contribution breaks its contract."""


class MissingValueError(ValueError):
    """A contribution has a parameter without a default that the suite can't make up; give it with ``params``."""


@contextmanager
def trying(what: str) -> Iterator[None]:
    """Tell what was tried when a contribution raises."""
    try:
        yield
    except (ContractError, MissingValueError):
        raise
    except Exception as err:
        raise ContractError(f"{what} raised {type(err).__name__}: {err}") from err


def require(is_met: bool, breach: str) -> None:
    """Raise ``ContractError`` with ``breach`` unless the condition is met."""
    if not is_met:
        raise ContractError(breach)


def defaults(parameters: Sequence[Parameter], given: Mapping[str, JsonValue]) -> Values:
    """Return the parameters' defaults with ``given`` in their place.

    Raise ``ContractError`` for values that do not fit and ``MissingValueError`` for required ones that are not given.
    """
    lacking = [each.name for each in parameters if each.is_required and each.name not in given]
    if lacking:
        raise MissingValueError(f"give a value for {', '.join(lacking)}: params={{{lacking[0]!r}: …}}")
    values, complaints = parse_values(parameters, given)
    require(not complaints, "; ".join(f"{complaint.path} {complaint}" for complaint in complaints))
    return values


def variations(parameters: Sequence[Parameter], given: Mapping[str, JsonValue]) -> Iterator[tuple[str, Values]]:
    """Yield the default values, then each parameter at its extremes and choices with the others at their defaults.

    Animatable numbers are also tried between their extremes, as keyframes lead through them: whole-number parameters
    then get fractions. Each comes with a description.
    """
    base = defaults(parameters, given)
    yield "with its defaults", base
    for parameter in parameters:
        for value in _extremes(parameter, base.values.get(parameter.name)):
            yield f"with {parameter.name} = {value}", Values({**base.values, parameter.name: value})


def _extremes(parameter: Parameter, default: ParameterValue | None) -> Iterator[ParameterValue]:
    match parameter.type:
        case ParameterType.FLOAT | ParameterType.INT:
            yield from _numbers(parameter, default)
        case ParameterType.BOOL:
            yield from (False, True)
        case ParameterType.CHOICE:
            yield from parameter.choices
        case ParameterType.COLOR:
            yield from _COLORS
        case ParameterType.POINT:
            low, high = _range(parameter, 0.0)
            yield from ((low, low), (high, high), (low, high))
        case ParameterType.CURVE:
            yield from _CURVES
        case _:
            return


def _numbers(parameter: Parameter, default: ParameterValue | None) -> Iterator[float]:
    middle = float(default) if isinstance(default, int | float) else 0.0
    low, high = _range(parameter, middle)
    if parameter.type is ParameterType.INT:
        yield from (int(low), int(high))
    else:
        yield from (float(low), float(high))
    if parameter.animatable:
        yield from (low + (high - low) * share for share in (0.137, 0.5, 0.863))


def _range(parameter: Parameter, middle: float) -> tuple[float, float]:
    low = parameter.minimum if parameter.minimum is not None else min(-UNBOUNDED, middle)
    high = parameter.maximum if parameter.maximum is not None else max(UNBOUNDED, middle)
    return low, high


def refuses(err: Exception | None, kinds: tuple[type[ReelhouseError], ...], what: str) -> None:
    """Require that a call was refused with one of the errors its contract names."""
    names = " or ".join(kind.__name__ for kind in kinds)
    require(err is not None, f"{what} must raise {names}, and raised nothing")
    require(isinstance(err, kinds), f"{what} must raise {names}, not {type(err).__name__}: {err}")
