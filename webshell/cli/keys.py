"""The commands ``reelhouse key …``: see the house's master key, and replace it."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from tenants.control.audit import record
from tenants.control.models.key import TenantKey, TenantKeyState
from tenants.house.house import House
from tenants.keys import Rotation
from webshell.cli.errors import FAILED
from webshell.cli.in_house import actor, in_house

app = typer.Typer(name="key", help="See and replace the house's master key.", no_args_is_help=True)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

console = Console()


@app.command("show")
def show(as_json: JsonFlag = False) -> None:
    """Show which master key wraps, by its fingerprint, and how many keys of tenants it has to."""

    async def found(house: House) -> dict[str, Any]:
        keys = TenantKey.exclude(state=TenantKeyState.SHREDDED)
        mine = await keys.filter(master_id=house.keyring.master_id).count()
        return {"master": house.keyring.master_id, "wrapped": mine, "by_others": await keys.count() - mine}

    facts = in_house(found, needs_keys=True)
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    console.print(Text.assemble("master key  ", (facts["master"], "bold")))
    console.print(f"wraps       {_keys(facts['wrapped'])}")
    if facts["by_others"]:
        console.print(Text(f"not yet     {_keys(facts['by_others'])}: reelhouse key rotate-master", "yellow"))


@app.command("rotate-master")
def rotate_master(as_json: JsonFlag = False) -> None:
    """Make a new master key and wrap every tenant's key by it, while the house goes on; no vault is touched."""

    async def rotated(house: House) -> Rotation:
        await record(actor(), "key.rotate_master", "house")
        return await house.rotate_master()

    rotation = in_house(rotated, needs_keys=True)
    if as_json:
        refused = [
            {"tenant": str(each.tenant), "version": each.version, "code": each.code} for each in rotation.refused
        ]
        typer.echo(
            json.dumps({"rewrapped": rotation.rewrapped, "is_complete": rotation.is_complete, "refused": refused})
        )
    else:
        console.print(f"Wrapped {_keys(rotation.rewrapped)} anew.")
        console.print("Copy the new master key to where its copy is kept: the old one opens nothing from now on.")
        for each in rotation.refused:
            console.print(Text(f"not done: tenant {each.tenant}, version {each.version}: {each.code}", "red"))
    if not rotation.is_complete:
        raise typer.Exit(FAILED)


def _keys(count: int) -> str:
    return "1 tenant's key" if count == 1 else f"{count} tenants' keys"
