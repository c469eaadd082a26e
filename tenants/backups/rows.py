"""Rows of the control plane as lines of JSON: the same from SQLite and from PostgreSQL, readable into either."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.fields import BinaryField, JSONField
from tortoise.models import Model

from tenants.backups.failures import BackupNewer, BackupRefused
from tenants.control.models.anchor import VaultAnchor
from tenants.control.models.api_token import ApiToken
from tenants.control.models.audit import AuditEntry, AuditHead
from tenants.control.models.factor import Passkey, RecoveryCode, TotpFactor
from tenants.control.models.house import House
from tenants.control.models.house_key import HouseKey
from tenants.control.models.identity import Identity, IdentityProvider
from tenants.control.models.job import Job
from tenants.control.models.key import TenantKey
from tenants.control.models.membership import Membership
from tenants.control.models.object import StoredObject
from tenants.control.models.plan import Plan
from tenants.control.models.plugin import PluginChoice, PluginInstall
from tenants.control.models.quota import QuotaEntry, QuotaTotal
from tenants.control.models.rate import RateCounter
from tenants.control.models.subscription import Subscription
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User

CONTROL: tuple[type[Model], ...] = (
    House,
    User,
    Tenant,
    Membership,
    ApiToken,
    TotpFactor,
    RecoveryCode,
    Passkey,
    IdentityProvider,
    Identity,
    Plan,
    Subscription,
    PluginInstall,
    PluginChoice,
    StoredObject,
    Job,
    QuotaEntry,
    QuotaTotal,
    RateCounter,
    VaultAnchor,
    AuditEntry,
    AuditHead,
)
"""Every table but the keys', in an order in which rows refer to what came before.

Who was signed in, and what was mailed to be used once, is left out: a restored house must not take it again.
"""
KEYS: tuple[type[Model], ...] = (TenantKey, HouseKey)
_AT_ONCE = 500


async def dumped(models: Iterable[type[Model]]) -> AsyncIterator[bytes]:
    """Yield the rows of tables, some lines at once. Call it in a transaction that sees one moment."""
    for model in models:
        # Tortoise has no other way to a model's description.
        table, key, last = model._meta.db_table, model._meta.pk_attr, None  # noqa: SLF001
        while True:
            rows = model.all() if last is None else model.filter(**{f"{key}__gt": last})
            page = await rows.order_by(key).limit(_AT_ONCE).values()
            if not page:
                break
            last = page[-1][key]
            yield b"".join(json.dumps([table, row], default=_plain).encode() + b"\n" for row in page)


def loaded(lines: Iterable[bytes], models: Iterable[type[Model]]) -> Iterator[Model]:
    """Return the rows, not saved yet. Raise ``BackupNewer`` for what this code has no place for, ``BackupRefused``."""
    known = {model._meta.db_table: model for model in models}  # noqa: SLF001
    for line in lines:
        try:
            table, row = json.loads(line)
        except ValueError:
            raise BackupRefused("a row of the control plane has an unknown form") from None
        model = known.get(table)
        if model is None or not row.keys() <= model._meta.fields_db_projection.keys():  # noqa: SLF001
            raise BackupNewer(f"the set holds rows of {table} that this Reelhouse does not know")
        yield model(**{name: _value(model, name, value) for name, value in row.items()})


def _plain(value: object) -> str:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            raise TypeError(f"no column holds a {type(value).__name__}")


def _value(model: type[Model], name: str, value: Any) -> Any:
    field = model._meta.fields_map[name]  # noqa: SLF001
    if isinstance(field, BinaryField):
        return bytes.fromhex(value)
    return value if isinstance(field, JSONField) else field.to_python_value(value)
