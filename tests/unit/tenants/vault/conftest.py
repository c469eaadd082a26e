"""A house of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.vaults import SmallHouse, furnish, small_house


@pytest.fixture(scope="session")
def vault_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a migrated control plane lies, to be copied."""
    return tmp_path_factory.mktemp("house")


@pytest.fixture
async def home(vault_template: Path, tmp_path: Path) -> Path:
    """The folder of a house without tenants."""
    await furnish(vault_template, tmp_path)
    return tmp_path


@pytest.fixture
async def house(home: Path) -> AsyncIterator[SmallHouse]:
    """An open house."""
    async with small_house(home) as opened:
        yield opened


@pytest.fixture
async def tenant(house: SmallHouse) -> UUID:
    """A tenant with a vault."""
    return await house.add_tenant()
