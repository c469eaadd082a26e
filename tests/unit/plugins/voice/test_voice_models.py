import pytest

from plugins.providers.voice.onnx_outputs import with_durations


def field(number: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def node(op_type: str, *outputs: str) -> bytes:
    return field(1, b"".join(field(2, name.encode()) for name in outputs) + field(4, op_type.encode()))


HEADER = bytes([1 << 3, 8])  # ir_version 8
TRAILER = field(8, b"opset")
SPEECH = field(12, field(1, b"speech"))


def model(*parts: bytes) -> bytes:
    return HEADER + field(7, b"".join(parts)) + TRAILER


def test_the_lengths_become_an_output_and_nothing_else_changes() -> None:
    nodes = (node("Exp", "x"), node("Ceil", "w_ceil"))
    lengths = field(12, field(1, b"w_ceil"))
    assert with_durations(model(*nodes, SPEECH)) == model(*nodes, SPEECH, lengths)


def test_a_model_that_has_them_is_left_as_it_is() -> None:
    patched = model(node("Ceil", "w_ceil"), SPEECH, field(12, field(1, b"w_ceil")))
    assert with_durations(patched) == patched


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no model at all",
        model(node("Exp", "x")),
        model(node("Ceil", "a"), node("Ceil", "b")),
        model(node("Ceil", "w_ceil"), SPEECH)[:20],
    ],
)
def test_what_is_no_such_model_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="model"):
        with_durations(broken)
