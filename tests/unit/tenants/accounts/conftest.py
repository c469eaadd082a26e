"""Accounts of an open house, on SQLite and on PostgreSQL; letters are kept in a list."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tenants.accounts.mail import Letter
from tenants.accounts.passwords import Passwords
from tenants.accounts.services import Accounts
from tenants.house.house import open_house
from tenants.house.house_keys import HouseKeys
from tenants.house.settings import HouseSettings

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Letters:
    """Keeps letters that were sent."""

    sent: list[Letter] = field(default_factory=list)

    async def send(self, letter: Letter) -> None:
        """Keep a letter."""
        self.sent.append(letter)


@pytest.fixture
async def accounts(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_house(HouseSettings(home=tmp_path, environment={})) as house:
        await house.unseal()
        yield Accounts(
            house=house,
            keys=HouseKeys(house.keyring),
            passwords=Passwords(FAST),
            mailer=Letters(),
            url="https://videos.example",
        )
