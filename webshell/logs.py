"""Logs: one JSON object a line, or plain lines at a terminal, each with the request, tenant and job it belongs to."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import override

_about: ContextVar[dict[str, str]] = ContextVar("reelhouse_log_about")


@contextmanager
def logged_about(**about: str) -> Iterator[None]:
    """Have all lines that the running task logs meanwhile carry these facts, such as ``request`` and ``tenant``."""
    token = _about.set({**_about.get({}), **about})
    try:
        yield
    finally:
        _about.reset(token)


def note_about(**about: str) -> None:
    """Add facts to what ``logged_about`` began: what is known of a request only later."""
    _about.set({**_about.get({}), **about})


class JsonLines(logging.Formatter):
    """One JSON object a line, times in UTC."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        line: dict[str, str] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_about.get({}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line, its facts at the end."""
        about = " ".join(f"{name}={value}" for name, value in _about.get({}).items())
        return f"{super().format(record)}  {about}".rstrip()


def start_logging(level: str) -> None:
    """Log to the error stream: for people where it is a terminal, else for programs. ``level`` as in ``logging``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines() if sys.stderr.isatty() else JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
