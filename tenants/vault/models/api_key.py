"""API keys: what a tenant uses other services with."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from tortoise import fields

from tenants.control.models.checks import holds, one_of
from tenants.control.models.moment import MomentField
from tenants.control.models.words import word_field
from tenants.vault.binding import VaultModel


class ApiKeyState(StrEnum):
    """A revoked key's secret is gone; its row stays, to tell of it."""

    ACTIVE = "active"
    REVOKED = "revoked"


class Proof(StrEnum):
    """What the provider said of a key when it was tried last."""

    UNTESTED = "untested"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class ApiKey(VaultModel):
    """A key for a provider. ``tenants.vault.api_keys`` writes it.

    ``secret`` and ``next_secret`` (which waits to be proven) are sealed for this row and ``version``, by the tenant's
    key of ``key_version``. ``calls`` and ``money`` count what was used in ``month`` (``2026-11``), budgets are for a
    month; money is in minor units of ``currency``.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    provider = fields.CharField(max_length=200)
    label = fields.CharField(max_length=100)
    state = word_field(ApiKeyState, default=ApiKeyState.ACTIVE)
    proof = word_field(Proof, default=Proof.UNTESTED)
    version = fields.IntField(default=1)
    key_version = fields.IntField()
    secret: bytes | None = fields.BinaryField(null=True)
    last_four = fields.CharField(max_length=4)
    fingerprint = fields.CharField(max_length=32)
    next_secret: bytes | None = fields.BinaryField(null=True)
    next_last_four = fields.CharField(max_length=4, null=True)
    next_fingerprint = fields.CharField(max_length=32, null=True)
    next_since: datetime | None = MomentField(null=True)
    created: datetime = MomentField()
    tested: datetime | None = MomentField(null=True)
    rotated: datetime | None = MomentField(null=True)
    expires: datetime | None = MomentField(null=True)
    revoked: datetime | None = MomentField(null=True)
    last_used: datetime | None = MomentField(null=True)
    budget_calls: int | None = fields.BigIntField(null=True)
    budget_money: int | None = fields.BigIntField(null=True)
    currency = fields.CharField(max_length=3, default="USD")
    month = fields.CharField(max_length=7, default="")
    calls = fields.BigIntField(default=0)
    money = fields.BigIntField(default=0)

    class Meta:
        table = "api_keys"
        indexes = (("provider", "created"), ("fingerprint",))
        constraints = (
            one_of("api_keys", "state", ApiKeyState),
            one_of("api_keys", "proof", Proof),
            holds("api_keys", "tombstone", """("state" = 'revoked') = ("secret" IS NULL)"""),
            holds("api_keys", "next", '("next_secret" IS NULL) = ("next_fingerprint" IS NULL)'),
            holds("api_keys", "counts", '"calls" >= 0 AND "money" >= 0 AND "version" >= 1 AND "key_version" >= 1'),
        )
