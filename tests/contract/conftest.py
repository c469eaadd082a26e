"""An environment with plugins that were really installed, by pip, as a user installs them."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.host.projects import ProjectKind, write_project

FIXTURES = Path(__file__).parents[1] / "fixtures"
OWN_PACKAGES = Path(sysconfig.get_path("purelib"))
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment on top of the one that the tests run in."""

    folder: Path
    projects: dict[str, Path]
    home: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def run(self, *command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command with the environment's programs first on the path."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd or self.folder,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
        )

    def variables(self) -> dict[str, str]:
        """Return the process environment of its commands."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("REELHOUSE_", "PYTHON"))}
        return kept | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "VIRTUAL_ENV": str(self.folder),
            "REELHOUSE_HOME": str(self.home),
            "COLUMNS": "160",
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }


def make_environment(folder: Path, home: Path, projects: dict[str, Path] | None = None) -> Environment:
    """Make an environment that sees all that is installed here, Reelhouse included, and has pip."""
    venv.create(folder, with_pip=False)
    packages = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (packages / "below.pth").write_text(f"import site; site.addsitedir({str(OWN_PACKAGES)!r})\n", encoding="utf-8")
    for program, module in (("pip", "pip"), ("pytest", "pytest"), ("reelhouse", "webshell.cli")):
        path = folder / "bin" / program
        path.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m {module} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return Environment(folder=folder, projects=projects or {}, home=home)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Acme's plugin and a new project of every kind, installed with ``pip install -e`` (Acme's as a copy)."""
    base = tmp_path_factory.mktemp("plugins")
    projects = {
        f"acme.new{kind}": write_project(f"acme.new{kind}", kind, base / f"acme-new{kind}") for kind in ProjectKind
    }
    environment = make_environment(base / "venv", base / "home", projects)
    editable = [argument for folder in projects.values() for argument in ("-e", folder)]
    done = environment.run("pip", "install", "--quiet", "--no-deps", *editable, FIXTURES / "acme-negative", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return environment


type Run = Callable[..., subprocess.CompletedProcess[str]]
