"""An API for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api import Api, opened_api


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with opened_api(tmp_path) as opened:
        yield opened
