"""The command ``reelhouse tenant export``: a workspace's own things, all of them, in open formats."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from core.api import InvalidInput
from tenants.house.house import House
from tenants.leaving.exporting import Export, export_tenant
from webshell.cli.errors import FAILED
from webshell.cli.in_house import in_house
from webshell.cli.in_stores import stores_of

app = typer.Typer()

console = Console()


@app.command("export")
def export(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Its short name, as in addresses.")],
    file: Annotated[Path, typer.Option("--output", "-o", help="The ZIP file to write.")],
) -> None:
    """Write everything a workspace owns into one ZIP file; keys and secrets are not in it."""
    if file.exists():
        raise InvalidInput(f"{file} is there already", path="output")

    async def exported(house: House) -> Export:
        tenant = await house.tenant(slug)
        async with stores_of(tenant.id) as stores:
            return await export_tenant(
                tenant.id, file.absolute(), keyring=house.keyring, stores=stores, now=datetime.now(UTC)
            )

    done = in_house(exported, needs_keys=True)
    console.print(f"Wrote {done.files} files into {file}.")
    for place, why in done.problems.items():
        console.print(Text(f"left out: {place}: {why}", "red"))
    if done.problems:
        raise typer.Exit(FAILED)
