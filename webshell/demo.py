"""The demo: a house that is tried out gets an administrator, a client with a workspace, a few projects and a video."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.api import InvalidInput
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import HouseRole, User
from tenants.control.users import create_user, find_user
from tenants.studio.projects import create_project, list_projects
from tenants.studio.requesting import request_render
from tenants.vault.scope import scope
from webshell.shell import Shell

_ACTOR = "demo"
_SLUG = "demo"
_RENDERED = "sample"
"""The example that is rendered at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Who can sign in, by address and password."""

    client: str
    client_password: str = field(repr=False)
    admin: str
    admin_password: str = field(repr=False)


def read_timelines(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the timelines in a folder, by their files' names. Raise ``InvalidInput`` where there are none."""
    found = {path.stem: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}
    if not found:
        raise InvalidInput("is no folder of timelines", path="--demo")
    return found


async def furnish(at: Shell, timelines: Mapping[str, Mapping[str, Any]]) -> Demo | None:
    """Make the demo of some timelines, as far as it is not there; None for a house that others use.

    Killed in between, the next call goes on.
    """
    place = at.settings.home / "demo.json"
    if not place.exists() and await User.exists():
        return None
    demo = _read(place) if place.exists() else _chosen(place)
    await _user(at, demo.admin, demo.admin_password, "Alan Admin", HouseRole.ADMIN)
    client = await _user(at, demo.client, demo.client_password, "Ada Client", None)
    tenant = await Tenant.get_or_none(slug=_SLUG) or await at.house.create_tenant(
        _SLUG, "Demo Studio", owner=client.email, actor=_ACTOR
    )
    async with scope(tenant.id):
        if await list_projects(most=1):
            return demo
        for name, document in timelines.items():
            project = await create_project(
                document.get("name") or name, document, author=client.id, now=datetime.now(UTC)
            )
            if name == _RENDERED:
                await request_render(
                    at.studio,
                    tenant.id,
                    project=project.id,
                    idempotency_key=_ACTOR,
                    user=client.id,
                    actor=_ACTOR,
                    now=datetime.now(UTC),
                )
    at.runner.wake()
    return demo


async def _user(at: Shell, email: str, password: str, name: str, role: HouseRole | None) -> User:
    """Return a user of the demo; they are made with their password."""
    known = await find_user(email)
    return known or await create_user(
        email, name, actor=_ACTOR, password_hash=await at.accounts.passwords.hash(password), house_role=role
    )


def _chosen(place: Path) -> Demo:
    """Choose passwords, and keep them where the house's owner alone reads them."""
    demo = Demo(
        client="ada@demo.localhost",
        client_password=secrets.token_urlsafe(9),
        admin="admin@demo.localhost",
        admin_password=secrets.token_urlsafe(9),
    )
    beside = place.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        json.dump(asdict(demo), file)
    beside.rename(place)
    return demo


def _read(place: Path) -> Demo:
    return Demo(**json.loads(place.read_bytes()))
