"""Stopping: how long work learns that nobody waits for it any more."""

from collections.abc import Callable

type Check = Callable[[], None]
"""Called between pieces of work; what it raises ends the work."""
