"""The commands ``reelhouse user …``: the house's first administrator, and who may sign in."""

import json
import os
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.api import NotFound
from core.host.home import home_folder
from tenants.accounts import recovering, staff
from tenants.accounts.services import Accounts
from tenants.control.models.membership import Membership
from tenants.control.models.user import HouseRole, User, UserState
from tenants.control.users import create_user, find_user
from tenants.house.house import House
from webshell.accounts import accounts_of
from webshell.cli.in_house import actor, in_house
from webshell.settings import read_settings

app = typer.Typer(name="user", help="Make, see and disable users, and give them roles.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's address.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Role = Annotated[HouseRole | None, typer.Option("--role", help="A role in the house; none if not given.")]

console = Console()


@app.command("create")
def create(
    email: Email,
    name: Annotated[str | None, typer.Option("--name", help="What they are called.")] = None,
    role: Role = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a user; print the link with which they choose their password, within an hour."""

    async def made(house: House) -> tuple[User, str]:
        user = await create_user(email, name or email.partition("@")[0], actor=actor(), house_role=role)
        return user, await recovering.reset_link(_accounts(house), user, now=_now())

    user, link = in_house(made)
    _tell(Text.assemble("Made ", (user.email, "bold"), ". Their password is chosen here:"), link, user, as_json=as_json)


@app.command("link")
def link(email: Email, as_json: JsonFlag = False) -> None:
    """Print a link with which a user chooses a new password, within an hour: for when no mail reaches them."""

    async def linked(house: House) -> tuple[User, str]:
        user = await _found(email)
        return user, await recovering.reset_link(_accounts(house), user, now=_now())

    user, found = in_house(linked)
    _tell(Text.assemble((user.email, "bold"), " chooses a new password here:"), found, user, as_json=as_json)


@app.command("list")
def list_users(as_json: JsonFlag = False) -> None:
    """List all users."""

    async def listed(_house: House) -> list[dict[str, Any]]:
        return [await _summary(user) for user in await User.all().order_by("email")]

    found = in_house(listed)
    if as_json:
        _print_json({"users": found})
        return
    if not found:
        console.print("There are no users yet. Make one: reelhouse user create EMAIL --role admin")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Address", "Name", "Role in the house", "State", "Workspaces"):
        table.add_column(title)
    for each in found:
        style = "green" if each["state"] == UserState.ACTIVE else "yellow"
        state, workspaces = Text(each["state"], style), Text(", ".join(each["workspaces"]))
        table.add_row(Text(each["email"]), Text(each["name"]), Text(each["house_role"] or ""), state, workspaces)
    console.print(table)


@app.command("role")
def role_of(email: Email, role: Annotated[str, typer.Argument(help="admin, support or none.")]) -> None:
    """Give a user a role in the house."""
    if role != "none" and role not in set(HouseRole):
        raise typer.BadParameter("must be admin, support or none", param_hint="ROLE")

    async def given(_house: House) -> None:
        given_role = None if role == "none" else HouseRole(role)
        await staff.give_house_role((await _found(email)).id, given_role, actor=actor())

    in_house(given)
    console.print(f"{email} has {'no role' if role == 'none' else f'the role {role}'} in the house.")


@app.command("disable")
def disable(email: Email) -> None:
    """Let a user sign in no more, and end their sessions."""

    async def disabled(_house: House) -> None:
        await staff.disable((await _found(email)).id, actor=actor(), now=_now())

    in_house(disabled)
    console.print(f"{email} can't sign in any more.")


@app.command("enable")
def enable(email: Email) -> None:
    """Let a user sign in again."""

    async def enabled(_house: House) -> None:
        await staff.enable((await _found(email)).id, actor=actor())

    in_house(enabled)
    console.print(f"{email} can sign in again.")


def _accounts(house: House) -> Accounts:
    return accounts_of(house, read_settings(home_folder(), os.environ))


async def _found(email: str) -> User:
    user = await find_user(email)
    if user is None:
        raise NotFound(f"there is no user {email}")
    return user


async def _summary(user: User) -> dict[str, Any]:
    members = await Membership.filter(user_id=user.id).order_by("created").select_related("tenant")
    return {
        "id": str(user.id),
        "email": user.email,
        "name": user.name,
        "house_role": user.house_role,
        "state": user.state,
        "workspaces": [each.tenant.slug for each in members],
        "created": user.created.isoformat(),
    }


def _tell(text: Text, link: str, user: User, *, as_json: bool) -> None:
    if as_json:
        _print_json({"id": str(user.id), "email": user.email, "link": link})
        return
    console.print(text)
    console.print(Text(link), soft_wrap=True)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2))


def _now() -> datetime:
    return datetime.now(UTC)
