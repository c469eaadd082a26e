"""Plugins made for tests, hosts over them, and a control plane on each kind of database."""

from tests.unit.host.conftest import found, make_host, site
from tests.unit.tenants.control.conftest import (
    control,
    control_url,
    engine,
    postgres_folder,
    postgres_template,
    sqlite_template,
)

__all__ = [
    "control",
    "control_url",
    "engine",
    "found",
    "make_host",
    "postgres_folder",
    "postgres_template",
    "site",
    "sqlite_template",
]
