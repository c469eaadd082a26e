"""``docs/keys.md`` names every source, setting and error of keys that an administrator meets."""

import inspect
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tenants.keys import failures
from tenants.keys.sources import environment, file, finding, kms, passphrase

PAGE = (Path(__file__).parents[4] / "docs" / "keys.md").read_text()


@pytest.mark.parametrize("name", sorted(entry_points(group=finding.GROUP).names))
def test_each_source_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_each_setting_is_documented_and_none_that_is_not_there() -> None:
    settings = {module.VARIABLE for module in (environment, file, finding, kms, passphrase)}
    assert set(re.findall(r"REELHOUSE_[A-Z_]+", PAGE)) == settings


def test_each_error_is_documented() -> None:
    errors = [each for _, each in inspect.getmembers(failures, inspect.isclass) if each.__module__ == failures.__name__]
    assert len(errors) == 8
    codes = {each.code for each in errors}
    assert len(codes) == len(errors)
    assert {code for code in codes if f"`{code}`" in PAGE} == codes
