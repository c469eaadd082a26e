"""How the command line shows an error: what is wrong and what to do, without a traceback."""

import json
import sys
from dataclasses import asdict
from typing import cast

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from core.api import ReelhouseError
from core.timeline.complaints import InvalidTimeline

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
_LOG_SHOWN = 2000
"""Characters of a worker's log that are shown at the terminal."""
_BAD_INPUT_STATUSES = (404, 422)


class ErrorShowingGroup(TyperGroup):
    """The root group: Reelhouse's own errors are shown and become exit codes; anything else is a bug and surfaces."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # typer's own name for the context
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ReelhouseError as err:
            show_error(err, as_json="--json" in cast("list[str]", ctx.meta.get(_ARGUMENTS, sys.argv)))
            raise typer.Exit(exit_code_of(err)) from err
        except KeyboardInterrupt as err:
            Console(stderr=True).print("Stopped. What was finished is kept: the next render goes on from there.")
            raise typer.Exit(INTERRUPTED) from err

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Remember the arguments: an error is shown as JSON to who asked for JSON."""
        ctx.meta[_ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)


_ARGUMENTS = "reelhouse.arguments"


def exit_code_of(error: ReelhouseError) -> int:
    """Return 2 when what the caller gave is wrong or not there, else 1."""
    return BAD_INPUT if error.status in _BAD_INPUT_STATUSES else FAILED


def show_error(error: ReelhouseError, *, as_json: bool) -> None:
    """Tell of an error: to people on the error stream, to programs as JSON on the output."""
    if as_json:
        typer.echo(json.dumps({"error": error_facts(error)}, ensure_ascii=False))
        return
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    path = getattr(error, "path", None)
    message = str(error)
    console.print(Text("Error: ", "bold red") + Text(f"{path}: {message}" if path and path not in message else message))
    if error.hint:
        console.print(Text("Hint: ", "bold") + Text(error.hint))
    if last_frame := getattr(error, "last_frame", None):
        console.print(Text("Last good frame: ", "bold") + Text(str(last_frame)))
    if log := getattr(error, "log", "").strip():
        console.print(Text("The worker's log ends with", "bold"), Text(log[-_LOG_SHOWN:], "dim"), sep="\n")


def error_facts(error: ReelhouseError) -> dict[str, object]:
    """Return an error as plain values: code, message, and path, hint, log and complaints where there are any."""
    facts: dict[str, object] = {"code": error.code, "message": str(error)}
    for name in ("path", "hint", "last_frame", "log"):
        if value := getattr(error, name, None):
            facts[name] = str(value)
    if isinstance(error, InvalidTimeline):
        facts["complaints"] = [asdict(complaint) for complaint in error.complaints]
    return facts
