"""The commands ``reelhouse tenant …``: make, list, show, suspend, resume, export and erase clients' workspaces."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tenants.control.models.anchor import VaultAnchor
from tenants.control.models.key import TenantKey, TenantKeyState
from tenants.control.models.membership import Membership
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.tenants import change_state
from tenants.house.house import House
from webshell.cli import erasing, exporting
from webshell.cli.in_house import actor, in_house

app = typer.Typer(name="tenant", help="Make, see, suspend, export and erase clients' workspaces.", no_args_is_help=True)
app.add_typer(exporting.app)
app.add_typer(erasing.app)

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="Its short name, as in addresses.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_STYLES = {TenantState.ACTIVE: "green", TenantState.SUSPENDED: "yellow", TenantState.ERASING: "red"}

console = Console()


@app.command("create")
def create(
    slug: Slug,
    owner: Annotated[str, typer.Option("--owner", metavar="EMAIL", help="Who owns it; made if there is no such user.")],
    name: Annotated[str | None, typer.Option("--name", help="What it is called; the slug if not given.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a workspace with its owner, a key and an encrypted vault of its own."""

    async def made(house: House) -> Tenant:
        return await house.create_tenant(slug, name or slug, owner=owner, actor=actor())

    tenant = in_house(made, needs_keys=True)
    if as_json:
        _print_json({"id": str(tenant.id), "slug": tenant.slug})
        return
    console.print(Text.assemble("Made ", (tenant.slug, "bold"), f", owned by {owner}."))
    console.print(Text(f"id {tenant.id}", "dim"))


@app.command("list")
def list_tenants(as_json: JsonFlag = False) -> None:
    """List all workspaces."""

    async def listed(_house: House) -> list[dict[str, Any]]:
        return [await _summary(tenant) for tenant in await Tenant.all().order_by("slug")]

    found = in_house(listed)
    if as_json:
        _print_json({"tenants": found})
        return
    if not found:
        console.print("There are no workspaces yet. Make one: reelhouse tenant create SLUG --owner EMAIL")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Slug", "Name", "State", "Members", "Made"):
        table.add_column(title, justify="right" if title == "Members" else "left")
    for each in found:
        state = Text(each["state"], _STYLES.get(TenantState(each["state"]), "dim"))
        table.add_row(Text(each["slug"]), Text(each["name"]), state, str(each["members"]), each["created"][:10])
    console.print(table)


@app.command("show")
def show(slug: Slug, as_json: JsonFlag = False) -> None:
    """Show one workspace: its state, its members, its key and its vault."""

    async def details(house: House) -> dict[str, Any]:
        return await _details(house, await house.tenant(slug))

    found = in_house(details)
    if as_json:
        _print_json(found)
        return
    state = Text(found["state"], _STYLES.get(TenantState(found["state"]), "dim"))
    console.print(Text.assemble((found["slug"], "bold"), f"  {found['name']}  ", state))
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_row("id", found["id"])
    rows.add_row("made", found["created"])
    key = found["key"]
    rows.add_row("key", f"version {key['version']}, wrapped by {key['master']}" if key else "none")
    vault = found["vault"]
    size = f"{vault['bytes'] / 2**20:.1f} MiB" if vault else "none"
    rows.add_row(
        "vault", Text(f"{size}, closed: {vault['quarantined']}", "red") if vault and vault["quarantined"] else size
    )
    for member in found["members"]:
        rows.add_row(member["role"], Text(member["email"]))
    console.print(rows)


@app.command("suspend")
def suspend(
    slug: Slug, reason: Annotated[str, typer.Option("--reason", help="Why; it goes into the audit.")] = ""
) -> None:
    """Suspend a workspace: it can be read, and nothing is made in it."""
    _change(slug, TenantState.SUSPENDED, reason)
    console.print(Text.assemble((slug, "bold"), " is suspended."))


@app.command("resume")
def resume(slug: Slug) -> None:
    """Let a suspended workspace go on."""
    _change(slug, TenantState.ACTIVE, "")
    console.print(Text.assemble((slug, "bold"), " goes on."))


@app.command("rotate-key")
def rotate_key(slug: Slug, as_json: JsonFlag = False) -> None:
    """Give a workspace a new key, and put its vault under it; who uses it waits meanwhile."""

    async def rotated(house: House) -> int:
        return await house.rotate_tenant_key((await house.tenant(slug)).id, actor=actor())

    version = in_house(rotated, needs_keys=True)
    if as_json:
        _print_json({"slug": slug, "key_version": version})
        return
    console.print(Text.assemble("The vault of ", (slug, "bold"), f" is under its key of version {version} now."))


def _change(slug: str, state: TenantState, reason: str) -> None:
    async def changed(house: House) -> None:
        await change_state((await house.tenant(slug)).id, state, actor=actor(), reason=reason)

    in_house(changed)


async def _summary(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": str(tenant.id),
        "slug": tenant.slug,
        "name": tenant.name,
        "state": str(tenant.state),
        "members": await Membership.filter(tenant_id=tenant.id).count(),
        "created": tenant.created.isoformat(timespec="seconds"),
    }


async def _details(house: House, tenant: Tenant) -> dict[str, Any]:
    members = await Membership.filter(tenant_id=tenant.id).order_by("created").prefetch_related("user")
    key = await TenantKey.get_or_none(tenant_id=tenant.id, state=TenantKeyState.ACTIVE)
    anchor = await VaultAnchor.get_or_none(tenant_id=tenant.id)
    file = house.settings.vaults / str(tenant.id) / "vault.db"
    return await _summary(tenant) | {
        "members": [{"email": member.user.email, "role": str(member.role)} for member in members],
        "key": {"version": key.version, "master": key.master_id} if key else None,
        "vault": {"bytes": file.stat().st_size if file.exists() else 0, "quarantined": anchor.quarantined}
        if anchor
        else None,
    }


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
