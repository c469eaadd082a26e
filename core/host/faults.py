"""Faults: what a plugin did that it must not, kept once per cause with a count."""

import importlib
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

_OUR_FOLDERS = (str(Path(__file__).parent), str(Path(threading.__file__).parent / "asyncio"))
MOST_FAULTS = 1000
_IMPORT_FOLDER = str(Path(importlib.__file__).parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing a plugin did wrong, ``count`` times from ``first_at`` to ``last_at``.

    ``contribution`` is empty for the import and the hooks, ``owner`` for calls of the installation itself. ``trace``
    is the Python traceback from the plugin's own code on; empty when the plugin raised nothing (it hung, or returned a
    wrong type).
    """

    plugin_id: str
    contribution: str
    call: str
    cause: str
    trace: str
    first_at: datetime
    last_at: datetime
    count: int = 1
    owner: str = ""


class FaultLog:
    """The faults of all plugins since the host started, at most 1,000: the latest. May be used from any thread."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._faults: dict[tuple[str, str, str, str, str], Fault] = {}

    def add(
        self, plugin_id: str, contribution: str, call: str, cause: str, trace: str = "", *, owner: str = ""
    ) -> Fault:
        """Keep a fault, or count it when it is known."""
        key = (owner, plugin_id, contribution, call, cause)
        now = self._now()
        with self._lock:
            known = self._faults.get(key)
            fault = (
                replace(known, count=known.count + 1, last_at=now, trace=trace or known.trace)
                if known
                else Fault(
                    plugin_id=plugin_id,
                    contribution=contribution,
                    call=call,
                    cause=cause,
                    trace=trace,
                    first_at=now,
                    last_at=now,
                    owner=owner,
                )
            )
            self._faults.pop(key, None)  # so that the one that was met the longest ago stands first
            self._faults[key] = fault
            if len(self._faults) > MOST_FAULTS:
                del self._faults[next(iter(self._faults))]
        return fault

    def of(self, plugin_id: str, owner: str | None = None) -> tuple[Fault, ...]:
        """Return a plugin's faults, the latest last: those met for one owner, or all."""
        with self._lock:
            faults = [
                fault
                for fault in self._faults.values()
                if fault.plugin_id == plugin_id and owner in (None, fault.owner)
            ]
        return tuple(sorted(faults, key=lambda fault: fault.last_at))


def cause_of(error: BaseException) -> str:
    """Say in a line what was raised and where: ``ValueError: no such mode (negative.py:12)``."""
    message = " ".join(str(error).split())
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    frames = traceback.extract_tb(_plugins_part(error.__traceback__))
    return f"{text} ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else text


def trace_of(error: BaseException) -> str:
    """Return the traceback from the plugin's own code on."""
    return "".join(traceback.format_exception(type(error), error, _plugins_part(error.__traceback__)))


def _plugins_part(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and _is_machinery(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _is_machinery(filename: str) -> bool:
    return filename.startswith((*_OUR_FOLDERS, _IMPORT_FOLDER, "<frozen importlib"))
