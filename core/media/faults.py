"""Plugins' code run by the engine: what it raises is attributed to the plugin and the clip."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.api import Catalogue, PluginFailed, ReelhouseError


@contextmanager
def blame(catalogue: Catalogue, contribution: str, path: str) -> Iterator[None]:
    """Turn whatever a contribution raises into ``PluginFailed``; Reelhouse's own errors pass through."""
    try:
        yield
    except ReelhouseError:
        raise
    except Exception as err:
        raise PluginFailed(
            plugin=catalogue.versions.get(contribution, contribution),
            contribution=contribution,
            cause=repr(err),
            path=path,
        ) from err
