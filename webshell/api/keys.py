"""``/keys``: a tenant's API keys for other services. Write-only: what is shown of one never includes its secret."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr
from quart import Blueprint

from tenants.control.roles import Permission
from tenants.keys import Secret
from tenants.vault.api_keys import keeping, proving
from tenants.vault.api_keys.view import ApiKeyView, Budget, Usability
from tenants.vault.models.api_key import Proof
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.shell import shell

keys = Blueprint("keys", __name__, url_prefix="/keys")

Label = Annotated[str, Field(min_length=1, max_length=100)]
_Money = Annotated[int | None, Field(ge=0, le=2**53, description="A month's limit; null is without one.")]


class KeyBudget(BaseModel, extra="forbid", from_attributes=True):
    """What a key may be used for in a calendar month (UTC). Money in minor units of the currency."""

    calls: _Money = None
    money: _Money = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"

    def as_budget(self) -> Budget:
        """Return it as the vault takes it."""
        return Budget(calls=self.calls, money=self.money, currency=self.currency)


class WaitingSecret(BaseModel, from_attributes=True):
    """A new secret that waits to be proven; the old one is used until then."""

    last_four: str
    fingerprint: str
    since: datetime


class Key(BaseModel):
    """An API key, without its secret. ``calls`` and ``money`` were used in this month."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    provider: str
    label: str
    state: Usability
    proof: Proof
    last_four: str
    fingerprint: str
    next: WaitingSecret | None
    created: datetime
    tested: datetime | None
    rotated: datetime | None
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None
    budget: KeyBudget
    calls: int
    money: int

    @classmethod
    def of(cls, view: ApiKeyView) -> Self:
        """Return what the API shows of a key."""
        return cls.model_validate(view)


class Keys(BaseModel):
    """All keys of a tenant."""

    items: list[Key]


class KeysQuery(BaseModel, extra="forbid"):
    """Which keys."""

    provider: Annotated[str | None, Field(max_length=200)] = None


class NewKey(BaseModel, extra="forbid"):
    """A key to keep."""

    provider: Annotated[
        str, Field(min_length=1, max_length=200, description="A plugin's id, such as reelhouse.pexels.")
    ]
    label: Label
    secret: Annotated[SecretStr, Field(min_length=1, max_length=8192)]
    expires: AwareDatetime | None = None
    budget: KeyBudget = KeyBudget()


class KeyChange(BaseModel, extra="forbid"):
    """What to change of a key; what is not named stays."""

    label: Label | None = None
    expires: AwareDatetime | None = None
    budget: KeyBudget | None = None


class NewSecret(BaseModel, extra="forbid"):
    """The secret that shall replace a key's."""

    secret: Annotated[SecretStr, Field(min_length=1, max_length=8192)]


_READ = Rules(needs=Permission.READ, vault=True, gives={200: Keys})
_WRITE = Rules(
    needs=Permission.KEYS, vault=True, fresh=True, rate=RateClass.WRITE, gives={200: Key}, problems=(404, 409)
)

_TRY = Rules(
    needs=Permission.KEYS,
    vault=True,
    fresh=True,
    rate=RateClass.SEARCH,
    gives={200: Key},
    problems=(404, 409, 502, 503),
)


@endpoint(keys, "", "GET", _READ, query=KeysQuery)
async def list_keys(query: KeysQuery) -> Keys:
    """List the keys, also those that were revoked; by provider, the oldest first."""
    found = await keeping.list_keys(now=_now(), provider=query.provider)
    return Keys(items=[Key.of(each) for each in found])


@endpoint(
    keys,
    "",
    "POST",
    Rules(needs=Permission.KEYS, vault=True, fresh=True, rate=RateClass.WRITE, gives={201: Key}, problems=(409,)),
    body=NewKey,
)
async def add_key(data: NewKey) -> Key:
    """Keep a key. Its secret is never shown again."""
    return Key.of(
        await keeping.add_key(
            data.provider,
            data.label,
            data.secret.get_secret_value(),
            now=_now(),
            expires=data.expires,
            budget=data.budget.as_budget(),
        )
    )


@endpoint(keys, "/<uuid:key_id>", "GET", Rules(needs=Permission.READ, vault=True, gives={200: Key}, problems=(404,)))
async def show_key(key_id: UUID) -> Key:
    """Show a key."""
    return Key.of(await keeping.show_key(key_id, now=_now()))


@endpoint(keys, "/<uuid:key_id>", "PATCH", _WRITE, body=KeyChange)
async def change_key(key_id: UUID, data: KeyChange) -> Key:
    """Change a key's label, budget, or when it expires."""
    return Key.of(
        await keeping.change_key(
            key_id,
            label=data.label,
            budget=data.budget.as_budget() if data.budget else None,
            expires=data.expires if "expires" in data.model_fields_set else keeping.UNCHANGED,
            now=_now(),
        )
    )


@endpoint(keys, "/<uuid:key_id>/rotate", "POST", _WRITE, body=NewSecret)
async def rotate_key(key_id: UUID, data: NewSecret) -> Key:
    """Keep a new secret beside the old one, which stays in use until the new one is proven."""
    return Key.of(await proving.rotate_key(key_id, data.secret.get_secret_value(), now=_now()))


@endpoint(keys, "/<uuid:key_id>/test", "POST", _TRY)
async def test_key(key_id: UUID) -> Key:
    """Try a key at its service, by a small search, and keep what came of it. It counts as a call of the service's."""
    shown = await keeping.show_key(key_id, now=_now())
    return Key.of(await proving.test_key(key_id, await _check(shown.provider), now=_now()))


@endpoint(keys, "/<uuid:key_id>/rotate/prove", "POST", _TRY)
async def prove_rotation(key_id: UUID) -> Key:
    """Try the new secret at its service; if it is accepted it replaces the old one for good."""
    shown = await keeping.show_key(key_id, now=_now())
    return Key.of(await proving.prove_rotation(key_id, await _check(shown.provider), now=_now()))


@endpoint(keys, "/<uuid:key_id>/rotate", "DELETE", _WRITE)
async def drop_rotation(key_id: UUID) -> Key:
    """Forget a new secret that was not proven yet."""
    return Key.of(await proving.drop_rotation(key_id, now=_now()))


@endpoint(keys, "/<uuid:key_id>", "DELETE", _WRITE)
async def revoke_key(key_id: UUID) -> Key:
    """Destroy a key's secret for good; what was known of it stays to be seen."""
    return Key.of(await keeping.revoke_key(key_id, now=_now()))


async def _check(plugin_id: str) -> proving.Check:
    plugins = await shell().plugin_sets.view(tenant(), actor=principal().actor)

    async def check(secret: Secret) -> None:
        await plugins.try_key(plugin_id, secret.reveal().decode())

    return check


def _now() -> datetime:
    return datetime.now(UTC)
