"""The reference for plugin authors, written from the code: run ``python -m core.host.reference docs/plugins.md``."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import core.api
from core.api import (
    AudioCodec,
    Canvas,
    CopyLimits,
    EncodeJob,
    EncodeSession,
    FetchedAsset,
    FilterKernel,
    HookSpecs,
    Moment,
    Parameter,
    ParameterType,
    Planes,
    PluginContext,
    Pose,
    Provider,
    ReelhouseError,
    RgbaKernel,
    RgbKernel,
    Storage,
    StoredObject,
    VideoCodec,
    YuvKernel,
)
from core.host.deadlines import Deadlines
from core.host.kinds import Kind
from core.host.manifest import ManifestModel
from core.host.state import PluginStatus

MARK = (
    "<!-- Everything below is written by `python -m core.host.reference docs/plugins.md`: change the code instead. -->"
)


EXCHANGED = (
    RgbKernel,
    RgbaKernel,
    YuvKernel,
    FilterKernel,
    Planes,
    Canvas,
    Moment,
    Pose,
    VideoCodec,
    CopyLimits,
    AudioCodec,
    EncodeJob,
    PluginContext,
    FetchedAsset,
    StoredObject,
)
PROTOCOLS = (EncodeSession, Provider, Storage)


def reference() -> str:
    """Return the reference as Markdown."""
    return "\n\n".join(
        (
            "## Hooks",
            *(_hook(name, hook) for name, hook in vars(HookSpecs).items() if name.startswith("reelhouse_")),
            "## What hooks declare",
            *(_declaration(kind) for kind in Kind),
            "## What your code is given, and gives",
            *(f"### `{each.__name__}`\n\n{_docstring(each)}" for each in EXCHANGED),
            *(_protocol(each) for each in PROTOCOLS),
            "## Parameters",
            _docstring(Parameter),
            _field_table(Parameter),
            "The types:",
            _type_table(),
            "## The manifest",
            _manifest_table(),
            "## Errors",
            _error_table(),
            "## States",
            "\n".join(f"- `{status}`: {status.meaning}" for status in PluginStatus),
            "## Deadlines",
            _docstring(Deadlines),
            "\n".join(
                ("| call | seconds |", "|---|---|", *(f"| `{f.name}` | {f.default:g} |" for f in fields(Deadlines)))
            ),
        )
    )


def write_reference(path: Path) -> None:
    """Replace the reference in a document, below the mark."""
    above, mark, _ = path.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{path} has no line {MARK}")
    path.write_text(f"{above}{MARK}\n\n{reference()}\n", encoding="utf-8")


def _hook(name: str, hook: object) -> str:
    text, _, example = inspect.cleandoc(inspect.getdoc(hook) or "").partition("::")
    return f"### `{name}`\n\n{text.strip()}\n\n```python\n{inspect.cleandoc(example)}\n```"


def _declaration(kind: Kind) -> str:
    declared = kind.declared_as
    return f"### `{declared.__name__}`\n\n{_docstring(declared)}\n\n{_field_table(declared)}"


def _protocol(protocol: type) -> str:
    methods = [
        f"- `{_signature(name, method)}`: {' '.join(_docstring(method).split())}"
        for name, method in vars(protocol).items()
        if inspect.isfunction(method) and not name.startswith("_")
    ]
    return "\n\n".join((f"### `{protocol.__name__}`", _docstring(protocol), "\n".join(methods)))


def _signature(name: str, method: Callable[..., object]) -> str:
    signature = inspect.signature(method)
    named = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for each, parameter in signature.parameters.items()
        if each != "self"
    ]
    asynchronous = "async " if inspect.iscoroutinefunction(method) else ""
    return f"{asynchronous}{name}{signature.replace(parameters=named, return_annotation=inspect.Signature.empty)}"


def _docstring(documented: object) -> str:
    return (inspect.getdoc(documented) or "").replace("``", "`")


def _field_table(declared: type[Any]) -> str:
    rows = []
    for field in fields(declared):
        is_required = field.default is MISSING and field.default_factory is MISSING
        needed = "needed" if is_required else _default(field)
        rows.append(f"| `{field.name}` | {_type_text(field.type)} | {needed} |")
    return "\n".join(("| field | type | default |", "|---|---|---|", *rows))


def _default(field: Any) -> str:
    if field.default is MISSING or callable(field.default):
        return ""
    return f"`{field.default.value if hasattr(field.default, 'value') else field.default!r}`"


def _type_text(annotation: object) -> str:
    text = (
        annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else str(annotation)
    )
    for noise in ("collections.abc.", "core.api.", "pathlib._local.", "pathlib.", "typing."):
        text = text.replace(noise, "")
    for module in (
        "parameters.",
        "pictures.",
        "effects.",
        "encoders.",
        "animations.",
        "context.",
        "providers.",
        "storage.",
    ):
        text = text.replace(module, "")
    return f"`{text}`".replace("|", "\\|")


def _type_table() -> str:
    schemas = {
        each: Parameter(name="x", title="X", type=each, choices=("a",) if each is ParameterType.CHOICE else ())
        for each in ParameterType
    }
    rows = [
        f"| `{each}` | {schema.json_schema()['type']} | `values.{_READERS[each]}(name)` |"
        for each, schema in schemas.items()
    ]
    return "\n".join(("| type | in a timeline | read with |", "|---|---|---|", *rows))


_READERS = {
    ParameterType.FLOAT: "number",
    ParameterType.INT: "number",
    ParameterType.BOOL: "flag",
    ParameterType.TEXT: "text",
    ParameterType.CHOICE: "text",
    ParameterType.COLOR: "color",
    ParameterType.POINT: "point",
    ParameterType.CURVE: "curve",
    ParameterType.ASSET: "path",
    ParameterType.SECRET: "text",
}


def _manifest_table() -> str:
    rows = []
    for name, field in ManifestModel.model_fields.items():
        needed = "yes" if field.is_required() else ""
        rows.append(f"| `{field.alias or name}` | {needed} | {field.description} |")
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            rows += [f"| `{name}.{key}` | | {value.description} |" for key, value in inner.model_fields.items()]
    return "\n".join(("| key | needed | |", "|---|---|---|", *rows))


def _error_table() -> str:
    exported = [getattr(core.api, name) for name in core.api.__all__]
    errors = [each for each in exported if inspect.isclass(each) and issubclass(each, ReelhouseError)]
    rows = [
        f"| `{error.__name__}` | `{error.code}` | {error.status} | {_docstring(error).splitlines()[0]} |"
        for error in sorted(errors, key=lambda error: (len(error.__mro__), error.__name__))
    ]
    return "\n".join(("| error | code | HTTP | |", "|---|---|---|---|", *rows))


if __name__ == "__main__":
    write_reference(Path(sys.argv[1]))
