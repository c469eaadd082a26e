"""How the command line shows an error: what is wrong and what to do, without a traceback."""

import json
import signal
from dataclasses import asdict

import typer
from rich.console import Console
from rich.text import Text

from core.api import ReelhouseError
from core.timeline.complaints import InvalidTimeline

FAILED, BAD_INPUT, SIGNALLED = 1, 2, 128
_LOG_SHOWN = 5000
"""Characters of a worker's log that are shown at the terminal: all of a crash, whose cause comes first."""
_BAD_INPUT_STATUSES = (404, 422)


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


def show_interrupted(interrupt: KeyboardInterrupt) -> int:
    """Tell that a command was stopped; return its exit code, as shells give it: 130 after Ctrl-C, 143 after SIGTERM."""
    Console(stderr=True).print("Stopped. What was finished is kept: the next render goes on from there.")
    [number] = interrupt.args or (signal.SIGINT,)
    return SIGNALLED + int(number)


def error_facts(error: ReelhouseError) -> dict[str, object]:
    """Return an error as plain values: code, message, and path, hint, log and complaints where there are any."""
    facts: dict[str, object] = {"code": error.code, "message": str(error)}
    for name in ("path", "hint", "last_frame", "log"):
        if value := getattr(error, name, None):
            facts[name] = str(value)
    if isinstance(error, InvalidTimeline):
        facts["complaints"] = [asdict(complaint) for complaint in error.complaints]
    return facts
