"""A plugin whose effect ends, hangs or fails the process that draws with it, as a decoder with a fault would."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.distributions import on_path, write_plugin

CODE = """\
import ctypes
import os
import sys
import time

from core.api import Effect, Parameter, ParameterType, RgbKernel, hookimpl


def strike(rgb, values, moment):
    if moment.frame < values.number("at"):
        return rgb
    sys.stdout.write(f"frame {moment.frame} is about to {values.text('how')}\\n")
    sys.stdout.flush()
    match values.text("how"):
        case "crash":
            ctypes.string_at(0)
        case "exit":
            os._exit(0)
        case "hang":
            time.sleep(3600)
        case "raise":
            raise RuntimeError("out of luck")


@hookimpl
def reelhouse_effects():
    yield Effect(
        id="acme.mishap.strike",
        title="Strike",
        kernel=RgbKernel(strike),
        varies=True,
        params=(
            Parameter(
                name="how",
                title="How",
                type=ParameterType.CHOICE,
                default="crash",
                choices=("crash", "exit", "hang", "raise"),
            ),
            Parameter(name="at", title="At frame", type=ParameterType.INT, default=0),
        ),
    )
"""


@contextmanager
def mishaps_installed(site: Path) -> Iterator[None]:
    """Install the plugin in the folder ``site``, which becomes one of those that modules are imported from."""
    write_plugin(site, "acme-mishap", CODE, contributes={"effects": ["acme.mishap.strike"]})
    with on_path(site):
        yield


def mishap(how: str, *, at: int) -> dict[str, Any]:
    """Write the effect as a timeline has it: it crashes, exits, hangs or raises at a clip's frame ``at``."""
    return {"use": "acme.mishap.strike", "params": {"how": how, "at": at}}
