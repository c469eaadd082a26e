"""``/webhooks``: addresses of a tenant's that are told when renders end."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint

from tenants.control.roles import Permission
from tenants.vault.models.webhook import DeliveryState
from tenants.webhooks import delivering, keeping
from tenants.webhooks.keeping import HookEvent, WebhookView
from webshell.api.endpoint import Rules, endpoint
from webshell.api.listing import after_of, next_of
from webshell.api.pages import Page, PageQuery
from webshell.auth.limiting import RateClass
from webshell.auth.principal import tenant

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

_Url = Annotated[str, Field(min_length=1, max_length=2000)]
_Events = Annotated[list[HookEvent], Field(min_length=1, max_length=10)]
_Description = Annotated[str, Field(max_length=300)]


class Webhook(BaseModel, from_attributes=True):
    """An address that is told, without its secret."""

    id: UUID
    url: str
    description: str
    events: list[HookEvent]
    enabled: bool
    created: datetime


class WebhookWithSecret(Webhook):
    """An address with the secret that signs its messages, which is told this once."""

    secret: str


class Webhooks(BaseModel):
    """All addresses that are told."""

    items: list[Webhook]


class NewWebhook(BaseModel, extra="forbid"):
    """An address to tell."""

    url: _Url
    events: _Events = [*keeping.TOLD]
    description: _Description = ""


class WebhookChange(BaseModel, extra="forbid"):
    """What to change; what is not named stays."""

    url: _Url | None = None
    events: _Events | None = None
    description: _Description | None = None
    enabled: bool | None = None


class Delivery(BaseModel, from_attributes=True):
    """A message to one address. ``answered`` is the status of the last answer."""

    id: UUID
    webhook: UUID
    event: str
    message: str
    state: DeliveryState
    attempts: int
    answered: int | None
    error: str
    created: datetime
    ended: datetime | None


class DeliveryPage(Page[Delivery]):
    """Messages to one address, the newest first."""


_READ = Rules(needs=Permission.SETTINGS, vault=True, gives={200: Webhook}, problems=(404,))
_CHANGE = Rules(needs=Permission.SETTINGS, vault=True, rate=RateClass.WRITE, gives={200: Webhook}, problems=(404,))
_SECRET = Rules(
    needs=Permission.SETTINGS,
    vault=True,
    fresh=True,
    rate=RateClass.WRITE,
    gives={201: WebhookWithSecret},
    problems=(404,),
)
_TELL = Rules(needs=Permission.SETTINGS, vault=True, rate=RateClass.WRITE, gives={202: Delivery}, problems=(404,))


@endpoint(webhooks, "", "GET", Rules(needs=Permission.SETTINGS, vault=True, gives={200: Webhooks}))
async def list_webhooks() -> Webhooks:
    """List the addresses that are told."""
    return Webhooks(items=[Webhook.model_validate(each) for each in await keeping.list_webhooks()])


@endpoint(webhooks, "", "POST", _SECRET, body=NewWebhook)
async def add_webhook(data: NewWebhook) -> WebhookWithSecret:
    """Tell an address from now on. Messages are signed as Standard Webhooks has it."""
    made, secret = await keeping.add_webhook(data.url, data.events, description=data.description, now=_now())
    return _with(made, secret)


@endpoint(webhooks, "/<uuid:webhook_id>", "GET", _READ)
async def show_webhook(webhook_id: UUID) -> Webhook:
    """Show an address that is told."""
    return Webhook.model_validate(await keeping.show_webhook(webhook_id))


@endpoint(webhooks, "/<uuid:webhook_id>", "PATCH", _CHANGE, body=WebhookChange)
async def change_webhook(webhook_id: UUID, data: WebhookChange) -> Webhook:
    """Change an address, what it is told, or whether it is."""
    changed = await keeping.change_webhook(
        webhook_id, url=data.url, events=data.events, description=data.description, enabled=data.enabled
    )
    return Webhook.model_validate(changed)


@endpoint(webhooks, "/<uuid:webhook_id>/secret", "POST", _SECRET)
async def change_secret(webhook_id: UUID) -> WebhookWithSecret:
    """Give an address another secret, which signs from now on."""
    return _with(*await keeping.change_secret(webhook_id))


@endpoint(
    webhooks,
    "/<uuid:webhook_id>",
    "DELETE",
    Rules(needs=Permission.SETTINGS, vault=True, rate=RateClass.WRITE, gives={204: None}, problems=(404,)),
)
async def remove_webhook(webhook_id: UUID) -> None:
    """Tell an address nothing any more, and forget what it was told."""
    await keeping.remove_webhook(webhook_id)


@endpoint(webhooks, "/<uuid:webhook_id>/test", "POST", _TELL)
async def test_webhook(webhook_id: UUID) -> Delivery:
    """Send a word to an address, to try it."""
    return Delivery.model_validate(await delivering.ping(tenant(), webhook_id, now=_now()))


@endpoint(
    webhooks,
    "/<uuid:webhook_id>/deliveries",
    "GET",
    Rules(needs=Permission.SETTINGS, vault=True, gives={200: DeliveryPage}, problems=(404,)),
    query=PageQuery,
)
async def list_deliveries(webhook_id: UUID, query: PageQuery) -> DeliveryPage:
    """List what an address was told, the newest first."""
    found = await keeping.list_deliveries(webhook_id, after=after_of(query), most=query.limit)
    ends = [(each.created, each.id) for each in found]
    return DeliveryPage(items=[Delivery.model_validate(each) for each in found], next=next_of(ends, query.limit))


@endpoint(webhooks, "/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay", "POST", _TELL)
async def replay_delivery(webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """Send a message once more, under the id that it had."""
    made = await delivering.replay(tenant(), webhook_id, delivery_id, now=_now())
    return Delivery.model_validate(made)


def _with(made: WebhookView, secret: str) -> WebhookWithSecret:
    return WebhookWithSecret(**Webhook.model_validate(made).model_dump(), secret=secret)


def _now() -> datetime:
    return datetime.now(UTC)
