"""``reelhouse plugin``: what it prints and the codes it exits with."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.distributions import negative, on_path, write_plugin
from webshell.cli.main import app


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of plugins on the path; the home and the working folder are the test's own."""
    for name in ("REELHOUSE_PLUGINS", "REELHOUSE_SAFE_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REELHOUSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "site"
    folder.mkdir()
    with on_path(folder):
        yield folder


def reelhouse(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_list_shows_each_plugin_with_its_state_and_cause(site: Path) -> None:
    write_plugin(site, "acme-good", negative("acme.good"))
    write_plugin(site, "acme-bad", "raise RuntimeError('no [licence] file')\n")
    done = reelhouse("plugin", "list")
    assert done.exit_code == 0
    lines = {line.split()[0]: " ".join(line.split()) for line in done.stdout.splitlines()}
    assert lines["acme.good"] == "acme.good 1.0 1 effect active (not listed)"
    assert lines["acme.bad"] == "acme.bad 1.0 1 effect faulted: RuntimeError: no [licence] file (__init__.py:1)"
    assert lines["reelhouse.color"] == "reelhouse.color 1.0 6 effects active"


def test_the_list_as_json(site: Path) -> None:
    write_plugin(site, "acme-old", negative("acme.old"), api="<1")
    done = reelhouse("plugin", "list", "--json")
    assert done.exit_code == 0
    [old] = [plugin for plugin in json.loads(done.stdout)["plugins"] if plugin["id"] == "acme.old"]
    assert old == {
        "id": "acme.old",
        "version": "1.0",
        "distribution": "acme-old",
        "status": "incompatible",
        "cause": "it asks for api <1 and this installation offers 1.0",
        "hint": "install a version of the plugin, or of Reelhouse, that fits",
        "listed": False,
        "contributes": {"effects": ["acme.old.invert"]},
        "load_seconds": None,
    }


def test_show_prints_the_manifest_and_the_parameters_with_range_and_unit(site: Path) -> None:
    done = reelhouse("plugin", "show", "reelhouse.color")
    assert done.exit_code == 0
    told = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "Licence Apache-2.0" in told
    assert "color.grade effect: Grade" in told
    assert any(line.startswith("exposure float 0.0 -4 … 4 EV animatable") for line in told)


def test_show_as_json_holds_a_schema_of_each_contributions_parameters(site: Path) -> None:
    shown = json.loads(reelhouse("plugin", "show", "reelhouse.color", "--json").stdout)
    assert shown["capabilities"] == {"net": [], "secrets": []}
    grade = shown["contributions"][0]
    assert (grade["kind"], grade["id"]) == ("effects", "color.grade")
    assert grade["params"]["properties"]["exposure"]["x-unit"] == "EV"


def test_show_prints_the_traceback_of_a_fault_from_the_plugins_own_code_on(site: Path) -> None:
    write_plugin(site, "acme-bad", "def fail():\n    raise RuntimeError('no licence')\n\nfail()\n")
    done = reelhouse("plugin", "show", "acme.bad")
    assert done.exit_code == 0
    assert "Fault in import, once: RuntimeError: no licence (__init__.py:2)" in done.stdout
    assert "in fail" in done.stdout
    assert "importlib" not in done.stdout


def test_an_unknown_plugin_is_bad_input_with_a_hint_and_no_traceback(site: Path) -> None:
    done = reelhouse("plugin", "show", "reelhouse.colour")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == (
        'Error: there is no plugin "reelhouse.colour", did you mean "reelhouse.color"?\n'
        "Hint: `reelhouse plugin list` shows what there is\n"
    )


def test_an_error_is_json_for_who_asked_for_json(site: Path) -> None:
    done = reelhouse("plugin", "show", "acme.nowhere", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"] == {
        "code": "not_found",
        "message": 'there is no plugin "acme.nowhere"',
        "hint": "`reelhouse plugin list` shows what there is",
    }


def test_settings_that_are_wrong_name_their_file_and_key(site: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "plugins.toml").write_text('[plugins]\n"acme.one" = { enabeld = true }\n', encoding="utf-8")
    done = reelhouse("plugin", "list")
    assert done.exit_code == 2
    assert 'plugins."acme.one".enabeld is an unknown key, did you mean "enabled"?' in done.stderr


def test_new_writes_a_project_that_passes_its_check_uninstalled(site: Path, tmp_path: Path) -> None:
    done = reelhouse("plugin", "new", "acme.glow", "--kind", "animation")
    assert done.exit_code == 0
    assert "pip install -e acme-glow" in done.stdout
    checked = reelhouse("plugin", "check", "acme-glow")
    assert checked.exit_code == 0
    assert checked.stdout == "✓ manifest\n✓ import\n✓ animation acme.glow.swing\n"
    assert reelhouse("plugin", "new", "acme.glow").exit_code == 2


def test_check_names_what_a_plugin_breaks_and_exits_with_2(site: Path) -> None:
    write_plugin(site, "acme-bad", negative("acme.bad").replace("255 - rgb", "rgb[::2]"))
    done = reelhouse("plugin", "check", "acme.bad")
    assert done.exit_code == 2
    assert done.stdout.startswith("✓ manifest\n✓ import\n✗ effect acme.bad.invert: acme.bad.invert on 320x180 returned")
    told = json.loads(reelhouse("plugin", "check", "acme.bad", "--json").stdout)
    assert told["good"] is False
    assert [each["good"] for each in told["checks"]] == [True, True, False]


def test_check_of_a_plugin_that_cannot_be_imported_says_so(site: Path) -> None:
    write_plugin(site, "acme-bad", "import acme_nowhere\n")
    done = reelhouse("plugin", "check", "acme.bad")
    assert done.exit_code == 2
    assert "✗ import: ModuleNotFoundError: No module named 'acme_nowhere' (__init__.py:1)" in done.stdout


def test_check_of_a_project_finds_a_bad_manifest_a_missing_file_and_a_folder_without_plugins(
    site: Path, tmp_path: Path
) -> None:
    reelhouse("plugin", "new", "acme.glow")
    manifest = tmp_path / "acme-glow" / "acme_glow" / "plugin.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("licence", "license"), encoding="utf-8")
    done = reelhouse("plugin", "check", "acme-glow")
    assert done.exit_code == 2
    assert '✗ manifest: plugin.toml: licence: is missing; license: unknown key, did you mean "licence"?' in done.stdout
    manifest.unlink()
    done = reelhouse("plugin", "check", "acme-glow")
    assert done.exit_code == 2
    assert "leads to no file in" in done.stdout
    done = reelhouse("plugin", "check", ".")
    assert done.exit_code == 2
    assert "is no project" in done.stderr


def test_a_contribution_that_needs_a_value_is_left_to_its_own_tests(site: Path) -> None:
    done = reelhouse("plugin", "check", "reelhouse.color")
    assert done.exit_code == 0
    assert "✓ effect color.grade" in done.stdout
    assert "– effect color.lut: its contract is for its own tests to check: give a value for file" in done.stdout
