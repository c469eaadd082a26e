"""The commands ``reelhouse seal`` and ``reelhouse unseal``: nobody reads any tenant's data until it is taken back."""

from typing import Annotated

import typer
from rich.console import Console

from tenants.house.house import House
from webshell.cli.in_house import actor, in_house, with_passphrase

app = typer.Typer()

console = Console()


@app.command("seal")
def seal(reason: Annotated[str, typer.Option("--reason", help="Why; it goes into the audit.")] = "") -> None:
    """Seal the house: its keys are forgotten, and no process opens any data until it is unsealed."""

    async def sealed(house: House) -> None:
        await house.seal_everywhere(actor=actor(), reason=reason)

    in_house(sealed)
    console.print("The house is sealed. Nothing opens until: reelhouse unseal")


@app.command("unseal")
def unseal() -> None:
    """Unseal the house, with its master key or the passphrase of that."""

    async def opened(house: House) -> None:
        await with_passphrase(house.settings, lambda passphrase: house.unseal_everywhere(passphrase, actor=actor()))

    in_house(opened)
    console.print("The house is unsealed.")
