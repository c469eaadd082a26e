"""A house of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.vaults import SmallHouse, furnish, small_house


@pytest.fixture(scope="session")
def isolation_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a migrated control plane lies, to be copied."""
    return tmp_path_factory.mktemp("house")


@pytest.fixture
async def home(isolation_template: Path, tmp_path: Path) -> Path:
    """The folder of a house without tenants."""
    await furnish(isolation_template, tmp_path)
    return tmp_path


@pytest.fixture
async def house(home: Path) -> AsyncIterator[SmallHouse]:
    """An open house with fewer places than tenants."""
    async with small_house(home, capacity=8) as opened:
        yield opened
