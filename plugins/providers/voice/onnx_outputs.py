"""Opening a Piper model's inner knowledge: how long each phoneme lasts.

A VITS model rounds each phoneme's length up to whole hops in its one ``Ceil`` node. Naming that node's result as an
output of the graph makes every run return it. piper-tts does the same with the onnx package; a few lines of the
Protocol Buffers wire format spare the dependency (field numbers: onnx.proto3, ``ModelProto`` and ``GraphProto``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

MODEL_GRAPH = 7
GRAPH_NODE = 1
GRAPH_OUTPUT = 12
NODE_OUTPUT = 2
NODE_OP_TYPE = 4
VALUE_NAME = 1
LENGTH_DELIMITED = 2
FIXED_SIZES = {1: 8, 5: 4}
VARINT = 0


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a message: its number, and where it and its content lie (offsets; content of varints is empty)."""

    number: int
    first: int
    content: int
    end: int


def with_durations(model: bytes) -> bytes:
    """Return the model with its phoneme lengths as a second output.

    Raise ``ValueError`` when it is no ONNX model or has not exactly one ``Ceil`` node.
    """
    graph = next((field for field in _fields(model, 0, len(model)) if field.number == MODEL_GRAPH), None)
    if graph is None:
        raise ValueError("not an ONNX model")
    tensors = list(_ceil_outputs(model, graph))
    if len(tensors) != 1:
        raise ValueError(f"the model has {len(tensors)} nodes that could tell lengths, not one")
    name = _delimited(VALUE_NAME, tensors[0])
    outputs = (field for field in _fields(model, graph.content, graph.end) if field.number == GRAPH_OUTPUT)
    if any(model.startswith(name, field.content) for field in outputs):
        return model  # patched by piper's own tool
    content = memoryview(model)[graph.content : graph.end]
    output = _delimited(GRAPH_OUTPUT, name)
    header = _varint(MODEL_GRAPH << 3 | LENGTH_DELIMITED) + _varint(len(content) + len(output))
    return b"".join((model[: graph.first], header, content, output, model[graph.end :]))


def _ceil_outputs(model: bytes, graph: _Field) -> Iterator[bytes]:
    for node in _fields(model, graph.content, graph.end):
        if node.number != GRAPH_NODE:
            continue
        fields = list(_fields(model, node.content, node.end))
        if any(field.number == NODE_OP_TYPE and model[field.content : field.end] == b"Ceil" for field in fields):
            yield from (model[field.content : field.end] for field in fields if field.number == NODE_OUTPUT)


def _fields(message: bytes, first: int, end: int) -> Iterator[_Field]:
    while first < end:
        tag, position = _read_varint(message, first, end)
        kind = tag & 7
        content = position
        if kind == LENGTH_DELIMITED:
            length, content = _read_varint(message, position, end)
            position = content + length
        elif kind == VARINT:
            _, position = _read_varint(message, position, end)
        elif kind in FIXED_SIZES:
            position += FIXED_SIZES[kind]
        else:
            raise ValueError("not an ONNX model")
        if position > end:
            raise ValueError("the model is cut off")
        yield _Field(tag >> 3, first, content, position)
        first = position


def _read_varint(message: bytes, position: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while position < end and shift < 64:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("the model is cut off")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _delimited(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | LENGTH_DELIMITED) + _varint(len(content)) + content
