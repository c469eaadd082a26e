"""Plugins made for tests, and hosts over them."""

from tests.unit.host.conftest import found, make_host, site

__all__ = ["found", "make_host", "site"]
