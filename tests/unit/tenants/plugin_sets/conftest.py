"""Plugins made for tests, hosts over them, a control plane on each kind of database, and a house with vaults."""

from tests.unit.host.conftest import found, make_host, site
from tests.unit.tenants.control.conftest import (
    control,
    control_url,
    engine,
    postgres_folder,
    postgres_template,
    sqlite_template,
)
from tests.unit.tenants.vault.conftest import home, house, vault_template

__all__ = [
    "control",
    "control_url",
    "engine",
    "found",
    "home",
    "house",
    "make_host",
    "postgres_folder",
    "postgres_template",
    "site",
    "sqlite_template",
    "vault_template",
]
