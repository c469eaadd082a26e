"""Parameters: what fits, how what does not is told, and the schema of a form."""

from decimal import Decimal

import pytest

from core.api import (
    Color,
    InvalidInput,
    JsonValue,
    Parameter,
    ParameterType,
    ParameterValue,
    Values,
    did_you_mean,
    parameters_schema,
    parse_values,
)

AMOUNT = Parameter(name="amount", title="Amount", default=0.5, minimum=0, maximum=1, step=0.01, animatable=True)
COUNT = Parameter(name="count", title="Count", type=ParameterType.INT, default=3, minimum=1)
MODE = Parameter(name="mode", title="Mode", type=ParameterType.CHOICE, default="soft", choices=("soft", "hard"))
TINT = Parameter(name="tint", title="Tint", type=ParameterType.COLOR, default=Color(255, 0, 0))
CENTRE = Parameter(name="centre", title="Centre", type=ParameterType.POINT, default=(0.5, 0.5), minimum=0, maximum=1)
BEND = Parameter(name="bend", title="Bend", type=ParameterType.CURVE, default="0,0 1,1")
FILE = Parameter(name="file", title="File", type=ParameterType.ASSET)

WRITE = '; write points like "0,0 0.5,0.6 1,1"'


def parsed(parameter: Parameter, value: JsonValue) -> ParameterValue:
    return parameter.parse(value, path="params.x")


@pytest.mark.parametrize(
    ("parameter", "value", "wanted"),
    [
        (AMOUNT, 0, 0.0),
        (AMOUNT, 1, 1.0),
        (AMOUNT, Decimal("0.25"), 0.25),
        (COUNT, 4.0, 4),
        (MODE, "hard", "hard"),
        (TINT, "#0a0B0c", Color(10, 11, 12)),
        (TINT, "#0a0b0c80", Color(10, 11, 12, 128)),
        (CENTRE, [0, 1], (0.0, 1.0)),
        (BEND, "0,0 1,1 0.5,0.6", "0,0 1,1 0.5,0.6"),
        (FILE, "asset:ast_1", "asset:ast_1"),
        (Parameter(name="on", title="On", type=ParameterType.BOOL), True, True),
    ],
)
def test_a_value_that_fits_gets_its_type(parameter: Parameter, value: JsonValue, wanted: ParameterValue) -> None:
    result = parsed(parameter, value)
    assert result == wanted
    assert type(result) is type(wanted)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        (AMOUNT, 1.01, "must be at most 1, not 1.01"),
        (AMOUNT, -1, "must be at least 0, not -1"),
        (AMOUNT, True, "must be a number, not true"),
        (AMOUNT, "1", 'must be a number, not "1"'),
        (AMOUNT, "1" * 99, f'must be a number, not "{"1" * 59}…'),
        (AMOUNT, float("nan"), "must be a number, not NaN"),
        (AMOUNT, float("inf"), "must be a number, not Infinity"),
        (COUNT, 2.5, "must be a whole number, not 2.5"),
        (MODE, "sofft", 'unknown "sofft", did you mean "soft"?; one of soft, hard'),
        (MODE, ["soft"], 'unknown ["soft"], did you mean "soft"?; one of soft, hard'),
        (TINT, "red", 'not a colour: "red" (write #rrggbb or #rrggbbaa)'),
        (TINT, "#fff", 'not a colour: "#fff" (write #rrggbb or #rrggbbaa)'),
        (TINT, 7, "not a colour: 7 (write #rrggbb or #rrggbbaa)"),
        (CENTRE, [0.5], "must be a pair [x, y], not [0.5]"),
        (CENTRE, "centre", 'must be a pair [x, y], not "centre"'),
        (BEND, [[0, 0], [1, 1]], "must be a curve's points as a text, not [[0, 0], [1, 1]]"),
        (BEND, "", f"a curve has 2 to 256 points, not 0{WRITE}"),
        (BEND, "0,0", f"a curve has 2 to 256 points, not 1{WRITE}"),
        (BEND, "0,0 " * 257, f"a curve has 2 to 256 points, not 257{WRITE}"),
        (BEND, "0,0 1", f"not a curve: '0,0 1'{WRITE}"),
        (BEND, "0,0 a,b", f"not a curve: '0,0 a,b'{WRITE}"),
        (BEND, "x" * 99, f"not a curve: '{'x' * 60}'…{WRITE}"),
        (BEND, "0,0 1,1.2", f"a curve's points lie between 0 and 1{WRITE}"),
        (BEND, "0,0 nan,1", f"a curve's points lie between 0 and 1{WRITE}"),
        (BEND, "0,0 0.5,0.2 0.5,0.4 1,1", f"two points of a curve lie above each other{WRITE}"),
        (FILE, 3, "must be a text, not 3"),
        (Parameter(name="on", title="On", type=ParameterType.BOOL), 1, "must be true or false, not 1"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_place(parameter: Parameter, value: JsonValue, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parsed(parameter, value)
    assert (str(caught.value), caught.value.path) == (message, "params.x")


def test_a_point_outside_its_range_names_the_coordinate() -> None:
    with pytest.raises(InvalidInput, match="must be at most 1, not 2") as caught:
        parsed(CENTRE, [0.5, 2])
    assert caught.value.path == "params.x[1]"


def test_defaults_are_filled_in_and_every_complaint_is_told() -> None:
    values, complaints = parse_values((AMOUNT, COUNT, FILE), {"amont": 1, "count": 0})
    assert [(complaint.path, str(complaint)) for complaint in complaints] == [
        ("params.amont", 'unknown parameter "amont", did you mean "amount"?'),
        ("params.count", "must be at least 1, not 0"),
        ("params.file", "is required"),
    ]
    assert values == Values({"amount": 0.5})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "two words"}, "a parameter's name is an identifier, not 'two words'"),
        ({"name": "mode", "type": ParameterType.CHOICE}, "mode: a choice needs choices"),
        ({"name": "on", "type": ParameterType.BOOL, "animatable": True}, "on: only numbers can be animated"),
        ({"name": "x", "default": 5.0, "maximum": 1}, "must be at most 1, not 5"),
        ({"name": "x", "check": print}, "x: only an asset has a file to check"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises((ValueError, InvalidInput), match=message):
        Parameter(title="X", **fields)


def test_the_schema_holds_what_a_form_needs() -> None:
    assert AMOUNT.json_schema() == {
        "title": "Amount",
        "type": "number",
        "default": 0.5,
        "minimum": 0,
        "maximum": 1,
        "x-type": "float",
        "x-step": 0.01,
        "x-animatable": True,
    }
    assert MODE.json_schema()["enum"] == ["soft", "hard"]
    assert TINT.json_schema()["default"] == "#ff0000"
    assert CENTRE.json_schema()["default"] == [0.5, 0.5]
    secret = Parameter(name="key", title="Key", type=ParameterType.SECRET)
    assert secret.json_schema() == {"title": "Key", "type": "string", "writeOnly": True, "x-type": "secret"}
    assert parameters_schema((AMOUNT, FILE)) == {
        "type": "object",
        "properties": {"amount": AMOUNT.json_schema(), "file": FILE.json_schema()},
        "required": ["file"],
        "additionalProperties": False,
    }


def test_values_are_read_by_their_type_and_a_wrong_type_is_the_readers_mistake() -> None:
    values = Values({"amount": 0.5, "on": True, "mode": "soft", "tint": Color(1, 2, 3), "centre": (0.1, 0.2)})
    assert Values({"bend": "1,1 0,0 0.5,0.6"}).curve("bend") == ((0, 0), (0.5, 0.6), (1, 1))
    assert values.number("amount") == 0.5
    assert values.flag("on") is True
    assert values.text("mode") == "soft"
    assert values.text("nowhere") == ""
    assert values.color("tint") == Color(1, 2, 3)
    assert values.point("centre") == (0.1, 0.2)
    for read, name in (
        (values.number, "on"),
        (values.flag, "amount"),
        (values.text, "amount"),
        (values.color, "mode"),
        (values.point, "mode"),
    ):
        with pytest.raises(TypeError, match=name):
            read(name)
    with pytest.raises(KeyError):
        values.number("nowhere")


def test_the_nearest_name_is_meant() -> None:
    assert did_you_mean("fadeIn", ("fade", "slide")) == ', did you mean "fade"?'
    assert did_you_mean("quux", ("fade", "slide")) == ""
