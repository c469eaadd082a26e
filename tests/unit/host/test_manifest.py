"""Manifests: what is read, and how what is wrong is told."""

from pathlib import Path

import pytest

from core.host.kinds import Kind
from core.host.manifest import Manifest, ManifestInvalid, parse_manifest, read_manifest

GOOD = """
schema = 1
id = "acme.chroma"
name = "Acme chroma"
version = "1.2"
api = ">=1.0,<2"
description = "Keys by colour."
licence = "MIT"
publisher = "Acme"
icon = "palette"
module = "acme_chroma.hooks"

[capabilities]
net = ["api.acme.example:443"]
secrets = ["api_key"]

[contributes]
effects = ["acme.chroma.key", "acme.chroma.spill"]
encoders = []
"""


def complaints(text: str) -> list[str]:
    with pytest.raises(ManifestInvalid) as caught:
        parse_manifest(text)
    return [f"{complaint.path}: {complaint}" for complaint in caught.value.complaints]


def test_everything_is_read_and_empty_kinds_are_left_out() -> None:
    assert parse_manifest(GOOD) == Manifest(
        id="acme.chroma",
        name="Acme chroma",
        version="1.2",
        api=">=1.0,<2",
        description="Keys by colour.",
        licence="MIT",
        publisher="Acme",
        icon="palette",
        module="acme_chroma.hooks",
        net=("api.acme.example:443",),
        secrets=("api_key",),
        contributes={Kind.EFFECTS: ("acme.chroma.key", "acme.chroma.spill")},
    )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('licence = "MIT"\n', 'license = "MIT"\n', 'license: unknown key, did you mean "licence"?'),
        ("effects =", "efects =", 'contributes.efects: unknown key, did you mean "effects"?'),
        ("schema = 1", "schema = 2", "schema: must be 1, not 2: a newer Reelhouse may know it"),
        ('"acme.chroma"\n', '"Acme-Chroma"\n', "id: 'Acme-Chroma' is not a plugin's id"),
        ('"1.2"', '"one"', "version: 'one' is not a version like 1.0 or 2.3.1"),
        ('">=1.0,<2"', '"1.0"', "api: '1.0' is not a range like \">=1.0,<2\""),
        ('">=1.0,<2"', '""', 'api: must not be empty; write a range like ">=1.0,<2"'),
        ('"Keys by colour."', '"Keys\\nby colour."', "description: string should match pattern"),
        ('"Acme chroma"', "7", "name: input should be a valid string, not 7"),
        (
            '"acme_chroma.hooks"',
            '"acme-chroma/hooks.py"',
            "module: 'acme-chroma/hooks.py' is not a module's dotted name",
        ),
        ("api.acme.example:443", "https://acme.example", "capabilities.net.0: 'https://acme.example' is not a host"),
        ('"api_key"', '"API key"', "capabilities.secrets.0: 'API key' is not a secret's name"),
        ("acme.chroma.spill", "acme chroma", "contributes.effects.1: 'acme chroma' is not a contribution's id"),
        ("acme.chroma.spill", "acme.chroma.key", "contributes.effects: acme.chroma.key stands there twice"),
        ('"palette"', '"../palette"', "icon: '../palette' is not a Tabler icon's name"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    told = complaints(GOOD.replace(old, new, 1))
    assert any(each.startswith(complaint) for each in told), told


def test_everything_that_is_wrong_is_told_at_once() -> None:
    told = complaints('schema = 1\nid = "Acme"\ncolour = 1\n')
    assert [each.split(":")[0] for each in told] == [
        "id",
        "name",
        "version",
        "api",
        "description",
        "licence",
        "publisher",
        "module",
        "colour",
    ]
    assert "name: is missing" in told


def test_what_is_not_toml_is_told_with_its_line() -> None:
    assert complaints("schema = = 1")[0].startswith("plugin.toml: is not TOML: Invalid value (at line 1")


def test_a_file_that_is_not_text_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plugin.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestInvalid, match="can't be read: 'utf-8' codec"):
        read_manifest(path)
    path.write_text("#" * 70_000, encoding="utf-8")
    with pytest.raises(ManifestInvalid, match="is larger than 65536 bytes"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("api", "fits"), [(">=1.0,<2", True), ("~=1.0", True), ("==1.*", True), (">=1.1", False), ("<1", False)]
)
def test_the_api_range_decides_whether_it_fits(api: str, fits: bool) -> None:
    assert parse_manifest(GOOD.replace(">=1.0,<2", api)).fits_this_api is fits
