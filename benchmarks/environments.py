"""The environments of competitors: made once by uv under ``.tools``, from the ``bench`` group of ``pyproject.toml``."""

import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOVIEPY = ROOT / ".tools" / "bench-moviepy"


def moviepy_python() -> Path:
    """Return the Python of MoviePy's environment, made anew when the group has changed since."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    stamp, wanted = MOVIEPY / ".made-from", "\n".join(project["dependency-groups"]["bench"])
    python = MOVIEPY / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Setting up MoviePy and ffmpeg in an environment of their own …", flush=True)
        uv = _uv()
        _run(uv, "venv", "--quiet", "--clear", "--python", str(ROOT / ".venv" / "bin" / "python"), str(MOVIEPY))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), "--group", "bench")
        stamp.write_text(wanted)
    return python


def ffmpeg_program() -> Path:
    """Return the ffmpeg that imageio-ffmpeg carries, which is also the one that MoviePy calls."""
    asked = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    answer = subprocess.run([moviepy_python(), "-c", asked], capture_output=True, text=True, check=True)
    return Path(answer.stdout.strip())


def melt_program() -> Path | None:
    """Return MLT's command where it is installed."""
    found = shutil.which("melt") or shutil.which("melt-7")
    return Path(found) if found else None


def _uv() -> str:
    """Find the uv that set up this project: on the PATH or under ``.tools``."""
    found = shutil.which("uv") or next((str(path) for path in (ROOT / ".tools").glob("**/bin/uv")), None)
    if found is None:
        raise FileNotFoundError("uv is not there: run `make setup`")
    return found


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)
