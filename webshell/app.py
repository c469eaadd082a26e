"""The one place that puts the host together."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from quart import Quart, Response, g, request

from core.host.host import PluginHost
from tenants.accounts.pruning import pruning
from tenants.accounts.quota_mail import quota_mail_kind
from tenants.composing.composing import compose_kind
from tenants.house.backing_up import backup_duties
from tenants.house.duties import duties, perform
from tenants.house.house import House
from tenants.jobs.runner import Runner
from tenants.library.staging import Staging
from tenants.library.uploads import Uploads, sweeping
from tenants.studio.importing import import_kind
from tenants.studio.previews import preview_kind
from tenants.studio.projects import LARGEST_DOCUMENT
from tenants.studio.rendering import render_kind
from tenants.webhooks.delivering import deliver_kind
from webshell.accounts import accounts_of
from webshell.api.admin.audit import admin_audit
from webshell.api.admin.backups import admin_backups
from webshell.api.admin.jobs import admin_jobs
from webshell.api.admin.market import admin_market
from webshell.api.admin.plans import admin_plans
from webshell.api.admin.plugins import admin_plugins
from webshell.api.admin.settings import admin_settings
from webshell.api.admin.statistics import admin_statistics
from webshell.api.admin.tenants import admin_tenants
from webshell.api.admin.users import admin_users
from webshell.api.admin.videos import admin_videos
from webshell.api.assets import assets
from webshell.api.auth import auth
from webshell.api.compose import compose
from webshell.api.events import events
from webshell.api.frames import frames
from webshell.api.health import health
from webshell.api.keys import keys
from webshell.api.me import me
from webshell.api.notifications import notifications
from webshell.api.openapi import describe, document_of
from webshell.api.passkeys import passkeys
from webshell.api.plugins import plugins
from webshell.api.problems import show_problems
from webshell.api.projects import projects
from webshell.api.providers import providers
from webshell.api.renders import renders
from webshell.api.shared import shared
from webshell.api.templates import templates
from webshell.api.uploads import uploads
from webshell.api.usage import usage
from webshell.api.videos import videos
from webshell.api.webhooks import webhooks
from webshell.api.workspace import workspace
from webshell.auth.authenticating import authenticator
from webshell.auth.headers import protect
from webshell.auth.origins import refuse_foreign_origins
from webshell.backing_up import backup_plan
from webshell.live.tail import Tail
from webshell.logs import note_about
from webshell.metrics import REQUESTS, SECONDS, VAULTS_OPEN
from webshell.post import COURIERS, open_post
from webshell.settings import Settings
from webshell.shell import EXTENSION, Shell
from webshell.streaming import StreamingRequest
from webshell.studio import old_events, open_studio
from webshell.unsealing import unsealing
from webshell.welcome import welcome

NOUNS = (
    admin_audit,
    admin_backups,
    admin_jobs,
    admin_market,
    admin_plans,
    admin_plugins,
    admin_settings,
    admin_statistics,
    admin_tenants,
    admin_users,
    admin_videos,
    assets,
    auth,
    compose,
    events,
    frames,
    keys,
    me,
    notifications,
    passkeys,
    plugins,
    projects,
    providers,
    renders,
    shared,
    templates,
    uploads,
    usage,
    videos,
    webhooks,
    workspace,
)
"""What the API speaks of, a blueprint each."""
MAX_BODY = LARGEST_DOCUMENT + 2**20
"""Bytes that a request's body may have: a timeline, and what is said beside it. Uploads have a route of their own."""
_REQUEST_ID = re.compile(r"[0-9a-zA-Z_-]{8,64}")


@asynccontextmanager
async def open_shell(house: House, settings: Settings) -> AsyncIterator[tuple[Quart, Shell]]:
    """Put the host of an open house together, and do the house's duties while it stands.

    Yield the application, and its services; ``stopping`` of these is to be set when it shall end.
    """
    with PluginHost.load(home=settings.home) as plugin_host:
        staging = Staging(settings.home / "uploads")
        accounts = accounts_of(house, settings)
        studio = await open_studio(settings, plugin_host, staging)
        runner = Runner(
            [render_kind(studio), import_kind(studio), preview_kind(studio), compose_kind(studio)],
            slots=settings.tables.jobs.slots,
            clock=studio.clock,
        )
        post = open_post(settings, studio.clock)
        couriers = Runner(
            [deliver_kind(post), quota_mail_kind(accounts)],
            slots=COURIERS if settings.tables.jobs.slots else 0,
            clock=studio.clock,
        )
        working = Shell(
            house=house,
            settings=settings,
            plugin_host=plugin_host,
            plugin_sets=studio.plugin_sets,
            uploads=Uploads(staging),
            accounts=accounts,
            studio=studio,
            runner=runner,
            tail=Tail(),
            authenticate=authenticator(accounts, admin_networks=settings.tables.accounts.admin_networks),
        )
        plan = backup_plan(settings.tables.backup, plugin_host)
        backing_up = backup_duties(house, plan) if plan else ()
        VAULTS_OPEN.set_function(lambda: house.vaults.open_count)
        tasks = [
            asyncio.create_task(runner.run(), name="jobs"),
            asyncio.create_task(couriers.run(), name="couriers"),
            asyncio.create_task(working.tail.run(), name="events"),
        ]
        performing = asyncio.create_task(
            perform([*duties(house), unsealing(house), sweeping(staging), *pruning(), *old_events(), *backing_up]),
            name="duties",
        )
        try:
            yield create_app(working), working
        finally:
            for task in (performing, *tasks):
                task.cancel()
            await asyncio.wait([performing, *tasks])
            await studio.holdings.close()


def create_app(working: Shell) -> Quart:
    """Return the application: its routes, and what holds for all of them."""
    app = _routed()
    app.extensions[EXTENSION] = working
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, RESPONSE_TIMEOUT=None)
    show_problems(app)
    protect(app)
    _observe(app)
    refuse_foreign_origins(app)

    @app.before_request
    async def _authenticate() -> None:
        g.principal = await working.authenticate(request)

    app.register_blueprint(health)
    app.register_blueprint(welcome)
    return app


def api_document() -> dict[str, Any]:
    """Return the OpenAPI document of this version; no house is opened for it."""
    return document_of(_routed())


def _routed() -> Quart:
    app = Quart(__name__, static_folder=None)
    app.request_class = StreamingRequest
    for noun in NOUNS:
        app.register_blueprint(noun, url_prefix=f"/api/v1{noun.url_prefix}")
    describe(app)
    return app


def _observe(app: Quart) -> None:
    """Give every request a number, and count it."""

    @app.before_request
    async def _begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
        g.begun = time.perf_counter()
        note_about(request=g.request_id)

    @app.after_request
    async def _end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(request.method, route, response.status_code).inc()
        SECONDS.labels(request.method, route).observe(time.perf_counter() - g.begun)
        response.headers["X-Request-Id"] = g.request_id
        return response
