#!/usr/bin/env python3
"""Set up ``.venv`` from the lock file, with nothing but a Python 3 and a package registry. `make` calls this.

Finds uv (on the PATH, else installs it into ``.tools``) and a Python 3.13 (on the PATH, among pyenv's installed
versions, else fetched by uv), then installs what ``requirements.lock`` pins and this project in editable form.
A second run with an unchanged lock does nothing. Runs on any Python from 3.9 on.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".installed"
UV_VERSION = "0.13.9"
PYTHON_VERSION = "3.13"


def main():
    stamp = fingerprint()
    if STAMP.exists() and STAMP.read_text() == stamp:
        return
    uv = find_uv()
    if not (VENV / "bin" / "python").exists():
        run([uv, "venv", "--quiet", "--python", find_python(), str(VENV)])
    python = str(VENV / "bin" / "python")
    run([uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", str(LOCK)])
    run([uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--editable", str(ROOT)])
    STAMP.write_text(stamp)


def fingerprint():
    """Name the state that a set-up leads to: the lock, the project's own metadata, and the place."""
    state = hashlib.sha256(str(ROOT).encode())
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        state.update(path.read_bytes())
    return state.hexdigest()


def find_uv():
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    own = TOOLS / "bin" / "uv"
    if not own.exists():
        print("Installing uv into .tools …", flush=True)
        if subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], stdout=subprocess.DEVNULL).returncode == 0:
            pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "install"]
        else:  # Debian without python3-venv
            pip = [sys.executable, "-m", "pip", "install", "--prefix", str(TOOLS)]
        run([*pip, "--quiet", "--disable-pip-version-check", "uv==" + UV_VERSION])
        if not own.exists():
            own = next(TOOLS.rglob("bin/uv"))
    return str(own)


def find_python():
    """Return a Python 3.13, or its version number for uv to fetch."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(pyenv.glob(PYTHON_VERSION + ".*/bin/python" + PYTHON_VERSION), reverse=True)
    candidates = [sys.executable, shutil.which("python" + PYTHON_VERSION), *map(str, installed)]
    for candidate in candidates:
        if candidate and is_wanted(candidate):
            return candidate
    print("No Python " + PYTHON_VERSION + " found here: uv fetches one …", flush=True)
    return PYTHON_VERSION


def is_wanted(python):
    # pyenv's shims exist for versions that are not activated, and then fail: only an answer counts.
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", ask], capture_output=True, text=True)
    return answer.returncode == 0 and answer.stdout.strip() == PYTHON_VERSION


def run(command):
    done = subprocess.run(command, cwd=str(ROOT))
    if done.returncode:
        sys.exit("set-up failed (exit " + str(done.returncode) + "): " + " ".join(command))


if __name__ == "__main__":
    main()
