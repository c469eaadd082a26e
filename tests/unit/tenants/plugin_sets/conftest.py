"""Plugins made for tests, hosts over them, and a control plane on each kind of database."""

from tests.unit.host.conftest import found, make_host, site
from tests.unit.tenants.control.conftest import control, control_url, engine, migrated, postgres_folder

__all__ = ["control", "control_url", "engine", "found", "make_host", "migrated", "postgres_folder", "site"]
