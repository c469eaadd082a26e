"""Calls that nothing is logged of: at level DEBUG, botocore writes what it sends and gets, keys and all."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_unspoken: ContextVar[bool] = ContextVar("is_unspoken", default=False)


@contextmanager
def unspoken() -> Iterator[None]:
    """Have botocore log nothing in this thread meanwhile; ``silence_botocore`` must have been called once."""
    token = _is_unspoken.set(True)
    try:
        yield
    finally:
        _is_unspoken.reset(token)


def silence_botocore() -> None:
    """Let every logger of botocore, and of what it sends with, be silenced by ``unspoken``."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in {"botocore", "boto3", "urllib3"}:
            logging.getLogger(name).addFilter(_may_speak)  # adding it again changes nothing


def _may_speak(record: logging.LogRecord) -> bool:  # noqa: ARG001  # a filter's form
    return not _is_unspoken.get()
