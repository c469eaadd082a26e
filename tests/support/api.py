"""The API of an open house, asked as whoever a test says it is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from quart import Quart, Request

from core.host.host import PluginHost
from tenants.accounts.quota_mail import quota_mail_kind
from tenants.composing.composing import compose_kind
from tenants.control.roles import HousePermission, Permission
from tenants.house.house import House, open_house
from tenants.house.settings import HouseSettings
from tenants.jobs.runner import Runner
from tenants.library.staging import Staging
from tenants.library.uploads import Uploads
from tenants.studio.importing import import_kind
from tenants.studio.previews import preview_kind
from tenants.studio.rendering import render_kind
from tenants.webhooks.delivering import deliver_kind
from webshell.accounts import accounts_of
from webshell.app import create_app
from webshell.auth.authenticating import authenticator
from webshell.auth.principal import Principal
from webshell.live.tail import Tail
from webshell.post import open_post
from webshell.settings import read_settings
from webshell.shell import Shell
from webshell.studio import open_studio

_WHO = "X-Test-Who"

EVERYTHING: frozenset[str] = frozenset((*Permission, *HousePermission))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer: status, headers by their names in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, as JSON."""
        return json.loads(self.body)


class Api:
    """An API, and who may be known to it."""

    def __init__(self, house: House, app: Quart, known: dict[str, Principal]) -> None:
        self.house = house
        self.app = app
        self.shell: Shell
        self.couriers: Runner
        self._known = known

    async def somebody(self, slug: str, permissions: frozenset[str] = EVERYTHING) -> Principal:
        """Make a tenant, and return one of its members."""
        tenant = await self.house.create_tenant(slug, slug, owner=f"owner@{slug}.example", actor="test")
        return self.known_as(Principal(user=uuid4(), tenant=tenant.id, permissions=permissions, proven=_now()))

    def known_as(self, who: Principal, **changes: Any) -> Principal:
        """Return a principal, changed, who is known from now on."""
        changed = replace(who, **changes)
        self._known[str(id(changed))] = changed
        return changed

    def everybody_is(self, who: Principal) -> None:
        """Take every request for this one's."""
        self._known[""] = who

    async def ask(self, who: Principal | None, method: str, path: str, **sent: Any) -> Answered:
        """Send one request and return its answer."""
        headers = {**sent.pop("headers", {}), **({_WHO: str(id(who))} if who else {})}
        response = await self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **sent)
        body = await response.get_data(as_text=False)
        return Answered(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
        )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Do the jobs that come meanwhile."""
        running = [asyncio.create_task(each.run()) for each in (self.shell.runner, self.couriers)]
        try:
            yield
        finally:
            for each in running:
                each.cancel()
            await asyncio.wait(running)

    async def ended(self, who: Principal, path: str) -> Answered:
        """Return how a render, or another job, stands when it has ended."""
        async with asyncio.timeout(60):
            while True:
                answered = await self.ask(who, "GET", path)
                if answered.json["ended"] is not None:
                    return answered
                await asyncio.sleep(0.05)


@asynccontextmanager
async def opened_api(home: Path, environment: dict[str, str] | None = None) -> AsyncIterator[Api]:
    """Open a house with an API, in which everybody is known whom a test makes known."""
    known: dict[str, Principal] = {}

    settings = read_settings(home, environment or {})
    async with open_house(HouseSettings(home=home, environment=settings.environment)) as house:
        await house.unseal()
        accounts = accounts_of(house, settings)
        real = authenticator(accounts, admin_networks=())

        async def authenticate(request: Request) -> Principal | None:
            return known.get(request.headers.get(_WHO, "")) or await real(request)

        with PluginHost.load(home=home) as plugin_host:
            studio = await open_studio(settings, plugin_host, Staging(home / "uploads"))
            runner = Runner(
                [render_kind(studio), import_kind(studio), preview_kind(studio), compose_kind(studio)], slots=2
            )
            shell = Shell(
                house=house,
                settings=settings,
                plugin_host=plugin_host,
                plugin_sets=studio.plugin_sets,
                uploads=Uploads(Staging(home / "uploads")),
                accounts=accounts,
                studio=studio,
                runner=runner,
                tail=Tail(),
                authenticate=authenticate,
            )
            api = Api(house, create_app(shell), known)
            api.shell = shell
            api.couriers = Runner([deliver_kind(open_post(settings, studio.clock)), quota_mail_kind(accounts)], slots=2)
            try:
                yield api
            finally:
                await studio.holdings.close()


def _now() -> datetime:
    return datetime.now(UTC)
