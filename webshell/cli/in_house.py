"""Running a command's work in the open house: its master key is found, or its passphrase asked for."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable

import typer

from core.host.home import home_folder
from tenants.house.failures import SealedByAdministrator
from tenants.house.house import House, open_house
from tenants.house.settings import HouseSettings
from tenants.house.unsealing import has_passphrase
from tenants.keys import Sealed, Secret, harden_process


def in_house[Result](work: Callable[[House], Awaitable[Result]], *, needs_keys: bool = False) -> Result:
    """Open the house, and unseal it if the work needs keys; return what the work does.

    A passphrase is asked for at the terminal, or read from standard input where there is none.
    """
    harden_process()

    async def opened() -> Result:
        async with open_house(house_settings()) as house:
            if needs_keys:
                await with_passphrase(house.settings, house.unseal)
            return await work(house)

    return asyncio.run(opened())


def house_settings() -> HouseSettings:
    """Return the settings of the house that commands are for."""
    return HouseSettings(home=home_folder(), environment=os.environ)


def actor() -> str:
    """Return who gives commands, for the audit: the user of the operating system."""
    return f"command:{getpass.getuser()}"


async def with_passphrase[Result](settings: HouseSettings, use: Callable[[Secret | None], Awaitable[Result]]) -> Result:
    """Return what ``use`` does without a passphrase, else with the one that is asked for."""
    try:
        return await use(None)
    except SealedByAdministrator:
        raise
    except Sealed:
        is_known = has_passphrase(settings)
        spoken: str = await asyncio.to_thread(
            typer.prompt, "Passphrase", hide_input=True, confirmation_prompt=not is_known, err=True
        )
        return await use(Secret(spoken.encode()))
