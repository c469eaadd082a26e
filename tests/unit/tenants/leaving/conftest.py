"""A house with two tenants, a copy of its own for each test."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.leaving import Leaving, furnish, leaving


@pytest.fixture(scope="session")
def two_tenants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed house with the tenants ``acme`` and ``other``, to be copied."""
    home = tmp_path_factory.mktemp("leaving")
    asyncio.run(furnish(home))
    return home


@pytest.fixture
def home(two_tenants: Path, tmp_path: Path) -> Path:
    """The folder of a house that only this test uses."""
    return Path(shutil.copytree(two_tenants, tmp_path / "home"))


@pytest.fixture
async def place(home: Path) -> AsyncIterator[Leaving]:
    """The open house."""
    async with leaving(home) as opened:
        yield opened
