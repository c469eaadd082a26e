"""The command ``reelhouse serve``: the host, in the foreground, until it is told to end."""

import asyncio
import os
import signal
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from core.host.home import home_folder
from tenants.house.house import open_house
from tenants.house.settings import HouseSettings
from tenants.keys import harden_process
from webshell.app import open_shell
from webshell.logs import start_logging
from webshell.serve import serve as answer
from webshell.settings import Settings, read_settings
from webshell.unsealing import unsealed

app = typer.Typer()
console = Console(highlight=False)


@app.command("serve")
def serve(
    host: Annotated[str | None, typer.Option("--host", help="The address to listen on; 0.0.0.0 for all.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="The port; 0 for any that is free.")] = None,
) -> None:
    """Serve the house: the web shell and its API."""
    told = {"REELHOUSE_SERVER_HOST": host, "REELHOUSE_SERVER_PORT": None if port is None else str(port)}
    os.environ.update({name: value for name, value in told.items() if value is not None})
    settings = read_settings(home_folder(), os.environ)
    start_logging(settings.tables.server.log_level)
    harden_process()
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with open_house(HouseSettings(home=settings.home, environment=os.environ)) as house:
        if reason := await unsealed(house):  # it starts all the same: health answers, data does not
            console.print(Text.assemble(("The house is sealed: ", "bold yellow"), reason))
        async with open_shell(house, settings) as (web, stopping):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, stopping.set)
            await answer(web, settings.tables.server, stopping=stopping, started=_show_address)


def _show_address(url: str) -> None:
    console.print(Text.assemble("Reelhouse is at ", (url, "bold cyan")))
