"""The command ``reelhouse tenant erase``: a workspace is erased for good, for an owner who wants it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from core.api import InvalidInput
from tenants.control.models.membership import Membership, Role
from tenants.control.models.tenant import Tenant, TenantState
from tenants.house.house import House
from tenants.keys.signing import Signer, open_signer
from tenants.keys.sources.private_file import create_private
from tenants.leaving.confirming import confirm
from tenants.leaving.erasing import erase_tenant
from webshell.cli.in_house import actor, in_house
from webshell.cli.in_stores import stores_of

app = typer.Typer()

console = Console()


@app.command("erase")
def erase(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Its short name, as in addresses.")],
    certificate: Annotated[Path, typer.Option("--certificate", help="Where to put the certificate of erasure.")],
    confirmed: Annotated[
        str | None, typer.Option("--confirm", metavar="SLUG", help="The slug once more, instead of typing it.")
    ] = None,
) -> None:
    """Erase a workspace: its keys, then its data. Nothing brings it back. Interrupted, it is given again."""
    given: str = confirmed or typer.prompt(f"All of {slug} is destroyed. Type {slug} to confirm", err=True)
    if given != slug:
        raise InvalidInput(f"this is not {slug}: nothing was erased", path="confirm")
    if certificate.exists():
        raise InvalidInput(f"{certificate} is there already", path="certificate")

    async def erased(house: House) -> str:
        tenant = await house.tenant(slug)
        signer = await open_signer(house.settings.signing_key, house.keyring)
        now = datetime.now(UTC)
        async with stores_of(tenant.id) as stores:
            return await erase_tenant(
                tenant.id,
                confirmation=await _confirmation(tenant, signer, now),
                actor=actor(),
                keyring=house.keyring,
                vaults=house.vaults,
                stores=stores,
                home=house.settings.home,
                signer=signer,
                now=now,
            )

    text = in_house(erased, needs_keys=True)
    if not create_private(certificate.absolute(), text.encode()):
        raise InvalidInput(f"{certificate} is there by now; give the command again with another", path="certificate")
    console.print(Text.assemble((slug, "bold"), f" is erased. The certificate is in {certificate}."))
    console.print("Make a backup now: those before hold its wrapped key until their keys are past their time.")


async def _confirmation(tenant: Tenant, signer: Signer, now: datetime) -> str | None:
    """Return the first owner's confirmation, which who holds the master key gives for them; None once it has begun."""
    if tenant.state in {TenantState.ERASING, TenantState.ERASED}:
        return None
    owner = await Membership.filter(tenant_id=tenant.id, role=Role.OWNER).order_by("created").first()
    return None if owner is None else await confirm(tenant.id, owner.user_id, signer=signer, now=now)
