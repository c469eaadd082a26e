"""The guide for plugin authors tells what the code does."""

from pathlib import Path

import core.api.errors
from core.api import HookSpecs, ReelhouseError
from core.host.deadlines import Deadlines
from core.host.kinds import Kind
from core.host.manifest import ManifestModel
from core.host.reference import MARK, reference

GUIDE = (Path(__file__).parents[3] / "docs" / "plugins.md").read_text(encoding="utf-8")


def test_the_reference_is_what_the_code_says() -> None:
    """Else run ``python -m core.host.reference docs/plugins.md``."""
    assert GUIDE.partition(MARK)[2] == f"\n\n{reference()}\n"


def test_every_hook_kind_key_error_and_deadline_is_documented() -> None:
    written = reference()
    hooks = [name for name in vars(HookSpecs) if name.startswith("reelhouse_")]
    errors = [
        each.code
        for each in vars(core.api.errors).values()
        if isinstance(each, type) and issubclass(each, ReelhouseError)
    ]
    keys = [field.alias or name for name, field in ManifestModel.model_fields.items()]
    kinds = [f"contributes.{kind}" for kind in Kind]
    deadlines = list(Deadlines.__dataclass_fields__)
    for name in (*hooks, *errors, *keys, *kinds, *deadlines):
        assert f"`{name}`" in written, name
