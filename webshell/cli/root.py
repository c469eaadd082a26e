"""The root of all commands: finds the one that is called, and shows its errors."""

import os
import sys
from typing import Any, cast

import typer
from typer.core import TyperGroup

from webshell.cli.commands import Commands

_ARGUMENTS = "reelhouse.arguments"


class RootGroup(TyperGroup):
    """The root group: Reelhouse's own errors are shown and become exit codes; anything else is a bug and surfaces."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Commands()  # type: ignore[assignment]  # never added to

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer's own name for the context
        """Run a command."""
        from core.api import ReelhouseError  # what commands need, help and version do not
        from core.host.home import home_folder
        from webshell.cli.errors import exit_code_of, show_error, show_interrupted
        from webshell.settings import read_settings

        try:
            os.environ.update(read_settings(home_folder(), os.environ).environment)  # where every room reads its own
            return super().invoke(ctx)
        except ReelhouseError as err:
            show_error(err, as_json="--json" in cast("list[str]", ctx.meta.get(_ARGUMENTS, sys.argv)))
            raise typer.Exit(exit_code_of(err)) from err
        except KeyboardInterrupt as err:
            raise typer.Exit(show_interrupted(err)) from err

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Remember the arguments: an error is shown as JSON to who asked for JSON."""
        ctx.meta[_ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)
