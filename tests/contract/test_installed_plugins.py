"""Plugins that were really installed: they show up, work, and pass their own tests."""

import json
import subprocess
import sys

import pytest

from core.host.projects import ProjectKind
from tests.contract.conftest import FIXTURES, Environment

KINDS = {
    ProjectKind.EFFECT: ("effects", "negative"),
    ProjectKind.TRANSITION: ("transitions", "blinds"),
    ProjectKind.ANIMATION: ("animations", "swing"),
    ProjectKind.ENCODER: ("encoders", "mkv"),
    ProjectKind.STORAGE: ("storage_backends", "folder"),
    ProjectKind.PROVIDER: ("asset_providers", "colours"),
}


@pytest.fixture(scope="module")
def listed(installed: Environment) -> dict[str, dict[str, object]]:
    """What ``reelhouse plugin list --json`` says, by plugin."""
    done = installed.run("reelhouse", "plugin", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {plugin["id"]: plugin for plugin in json.loads(done.stdout)["plugins"]}


def test_somebody_elses_plugin_shows_up_beside_reelhouses_own(listed: dict[str, dict[str, object]]) -> None:
    acme = listed["acme.negative"]
    assert (acme["status"], acme["cause"], acme["version"]) == ("active", "", "1.2")
    assert acme["distribution"] == "acme-negative"
    assert acme["listed"] is False
    assert acme["contributes"] == {"effects": ["acme.negative.invert"], "transitions": ["acme.negative.shutter"]}
    assert listed["reelhouse.color"]["status"] == "active"


@pytest.mark.parametrize("kind", ProjectKind)
def test_a_new_project_shows_up_once_it_is_installed(listed: dict[str, dict[str, object]], kind: ProjectKind) -> None:
    plugin = listed[f"acme.new{kind}"]
    contributed, name = KINDS[kind]
    assert (plugin["status"], plugin["cause"]) == ("active", "")
    assert plugin["contributes"] == {contributed: [f"acme.new{kind}.{name}"]}


def test_the_new_projects_own_tests_pass(installed: Environment) -> None:
    folders = [folder / "tests" for folder in installed.projects.values()]
    done = installed.run(
        "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *folders,
        cwd=installed.projects["acme.neweffect"],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "9 passed" in done.stdout


def test_somebody_elses_own_tests_pass(installed: Environment) -> None:
    project = FIXTURES / "acme-negative"
    done = installed.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_new_projects_pass_the_check(installed: Environment) -> None:
    ids = ", ".join(f"{id_!r}" for id_ in installed.projects)
    code = (
        "from typer.testing import CliRunner\nfrom webshell.cli.main import app\n"
        f"for id_ in ({ids}, 'acme.negative'):\n"
        "    done = CliRunner().invoke(app, ['plugin', 'check', id_])\n"
        "    assert done.exit_code == 0, done.output\n"
        "    print(done.output)\n"
    )
    done = installed.run("python", "-c", code)
    assert done.returncode == 0, done.stderr
    for kind, (_, name) in KINDS.items():
        assert f"acme.new{kind}.{name}" in done.stdout
    assert "✗" not in done.stdout


def test_an_installed_effect_draws(installed: Environment) -> None:
    code = (
        "from pathlib import Path\nimport numpy as np\nfrom core.api import Moment, Planes, Values\n"
        "from core.host.host import PluginHost\n"
        "catalogue = PluginHost.load(home=Path('home')).catalogue(['acme.negative.invert'])\n"
        "plane = np.full((2, 2), 16, np.uint8)\n"
        "small = np.full((1, 1), 100, np.uint8)\n"
        "draw = catalogue.effects['acme.negative.invert'].kernel.draw\n"
        "drawn = draw(Planes(plane, small, small), Values({'strength': 1.0}), None)\n"
        "print(drawn.y.tolist(), drawn.u.tolist(), catalogue.versions, list(catalogue.transitions))\n"
    )
    done = installed.run("python", "-c", code)
    assert done.stdout == (
        "[[235, 235], [235, 235]] [[156]] "
        "{'acme.negative.invert': 'acme.negative 1.2', 'acme.negative.shutter': 'acme.negative 1.2'} "
        "['acme.negative.shutter']\n"
    ), done.stderr


def test_the_tests_environment_is_left_as_it_was(installed: Environment) -> None:
    code = "from importlib.metadata import entry_points; print(entry_points(group='reelhouse.plugins').names)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "reelhouse.color" in names
    assert "acme" not in names
