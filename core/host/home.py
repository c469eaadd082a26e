"""The home of an installation: the folder of everything it keeps."""

import os
from pathlib import Path

import platformdirs

VARIABLE = "REELHOUSE_HOME"


def home_folder() -> Path:
    """Return ``REELHOUSE_HOME``, else the platform's data folder. It need not exist yet."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser().absolute() if named else Path(platformdirs.user_data_dir("reelhouse"))
