"""The command ``reelhouse serve``: the host, in the foreground, until it is told to end."""

import asyncio
import os
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from core.host.home import home_folder
from tenants.house.house import open_house
from tenants.house.settings import HouseSettings
from tenants.keys import harden_process
from webshell.app import open_shell
from webshell.demo import Demo, furnish, read_timelines
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
    demo: Annotated[
        Path | None, typer.Option("--demo", metavar="FOLDER", help="Try it out, with the timelines of a folder.")
    ] = None,
) -> None:
    """Serve the house: the web shell and its API."""
    told = {"REELHOUSE_SERVER_HOST": host, "REELHOUSE_SERVER_PORT": None if port is None else str(port)}
    os.environ.update({name: value for name, value in told.items() if value is not None})
    settings = read_settings(home_folder(), os.environ)
    start_logging(settings.tables.server.log_level)
    harden_process()
    asyncio.run(_serve(settings, read_timelines(demo) if demo else None))


async def _serve(settings: Settings, examples: Mapping[str, Mapping[str, Any]] | None) -> None:
    async with open_house(HouseSettings(home=settings.home, environment=os.environ)) as house:
        if reason := await unsealed(house):  # it starts all the same: health answers, data does not
            console.print(Text.assemble(("The house is sealed: ", "bold yellow"), reason))
        async with open_shell(house, settings) as (web, at):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, at.stopping.set)
            demo = await furnish(at, examples) if examples is not None else None
            await answer(web, settings.tables.server, stopping=at.stopping, started=partial(_show_address, demo))


def _show_address(demo: Demo | None, url: str) -> None:
    console.print(Text.assemble("Reelhouse is at ", (url, "bold cyan")))
    if demo is not None:
        for who, email, password in (
            ("client", demo.client, demo.client_password),
            ("admin", demo.admin, demo.admin_password),
        ):
            console.print(Text.assemble(f"  {who:<6}  ", (email, "bold"), "  password ", (password, "bold")))
        console.print(
            "The sample video is rendered at the first start; /api/v1/videos shows how far it is.", soft_wrap=True
        )
