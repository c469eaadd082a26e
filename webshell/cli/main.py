"""The command ``reelhouse``. Exit codes: 0 done, 1 failed, 2 bad input, 128 and the signal's number: stopped."""

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from webshell.cli.root import RootGroup

app = typer.Typer(
    cls=RootGroup,
    name="reelhouse",
    help="Timelines in, finished videos out.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"reelhouse {version_of('reelhouse')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Timelines in, finished videos out."""
