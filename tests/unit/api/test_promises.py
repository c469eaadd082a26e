"""What the SDK promises: its exports, its error codes, its values."""

import inspect
from dataclasses import fields, is_dataclass
from pathlib import Path

import core.api
import core.api.testing
from core.api import HookSpecs, ReelhouseError

EXPORTS = Path(__file__).with_name("exports.txt")


def errors() -> list[type[ReelhouseError]]:
    """Every error that the SDK exports."""
    exported = (getattr(core.api, name) for name in core.api.__all__)
    return [each for each in exported if inspect.isclass(each) and issubclass(each, ReelhouseError)]


def test_the_exports_are_those_of_the_checked_in_list() -> None:
    """To add one, add it to the list, too, and raise the minor version; removing one takes a major version."""
    exported = [
        f"{module.__name__}.{name}" for module in (core.api, core.api.testing) for name in sorted(module.__all__)
    ]
    assert exported == EXPORTS.read_text(encoding="utf-8").splitlines()
    assert core.api.API_VERSION == "1.0"


def test_everything_that_is_exported_is_there_and_described() -> None:
    for module in (core.api, core.api.testing):
        for name in module.__all__:
            exported = getattr(module, name)
            if inspect.isclass(exported) or inspect.isfunction(exported):
                assert exported.__doc__, name
                assert not exported.__doc__.startswith(f"{name}("), f"{name} has the docstring that dataclass makes"


def test_error_codes_are_unique_and_map_to_http() -> None:
    codes = [error.code for error in errors()]
    assert len(set(codes)) == len(codes) == 11
    assert all(400 <= error.status < 600 for error in errors())


def test_the_tree_of_errors_in_the_docstring_is_the_real_one() -> None:
    documented = core.api.errors.__doc__ or ""
    for error in errors():
        [line] = [line for line in documented.splitlines() if f" {error.__name__} " in f" {line.strip('│├└─ ')} "]
        depth = len(error.__mro__) - len(ReelhouseError.__mro__)
        assert line.index(error.__name__) == 4 * depth, error.__name__


def test_declarations_are_frozen_and_slotted() -> None:
    for name in core.api.__all__:
        exported = getattr(core.api, name)
        if inspect.isclass(exported) and is_dataclass(exported):
            assert exported.__dataclass_params__.frozen, name
            assert "__slots__" in vars(exported), name
            assert fields(exported), name


def test_every_hook_has_an_example_in_its_docstring() -> None:
    hooks = {name: hook for name, hook in vars(HookSpecs).items() if name.startswith("reelhouse_")}
    assert len(hooks) == 8
    for name, hook in hooks.items():
        assert "@hookimpl" in (hook.__doc__ or ""), name
        assert f"def {name}(" in hook.__doc__, name
