"""Lets ``python -m webshell.cli`` be the command ``reelhouse``."""

from webshell.cli.main import app

app(prog_name="reelhouse")
