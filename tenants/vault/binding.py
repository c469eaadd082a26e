"""Binding: which vault the running task uses, and how Tortoise finds that out.

A ContextVar holds the binding; tasks inherit it. Whether it still stands is asked with every query, so a task that
outlives the scope it was started in is refused. There is one Tortoise context for all vaults, not one for each: its
connection ``vault`` is whatever is bound.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, override

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import ConnectionHandler, ConnectionToken
from tortoise.context import TortoiseContext, _current_context
from tortoise.models import MetaInfo, Model, ModelMeta

from tenants.vault.failures import NoScope, VaultClosed
from tenants.vault.sqlite.access import ALIAS

if TYPE_CHECKING:
    from tenants.vault.sqlite.client import VaultClient
    from tenants.vault.sqlite.transactions import VaultTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A vault that is bound, by the task that bound it, and the transaction that one is in."""

    client: "VaultClient"
    task: asyncio.Task[Any] | None
    transaction: "VaultTransaction | None" = None

    @property
    def current(self) -> "VaultClient | VaultTransaction":
        """What queries go through now. A transaction that is over by now was that of the task that started this one."""
        return self.client if self.transaction is None or self.transaction.is_over else self.transaction


_bound: ContextVar[Binding | None] = ContextVar("reelhouse_vault", default=None)


def standing() -> Binding | None:
    """Return the running task's binding, if it has one that still stands."""
    binding = _bound.get()
    return None if binding is None or binding.client.access.is_ended else binding


def required() -> Binding:
    """Return the running task's binding. Raise ``NoScope`` without one, ``VaultClosed`` if it stands no more."""
    binding = _bound.get()
    if binding is None:
        raise NoScope
    if binding.client.access.is_ended:
        raise VaultClosed
    return binding


@contextmanager
def bound_to(client: "VaultClient", context: TortoiseContext) -> Iterator[None]:
    """Bind a vault to the running task, and to the tasks it starts."""
    # Never `with context`: that keeps its token in the context itself, and fails where two tasks enter it at once.
    context_token = _current_context.set(context)
    token = _bound.set(Binding(client=client, task=asyncio.current_task()))
    try:
        yield
    finally:
        _bound.reset(token)
        _current_context.reset(context_token)


@contextmanager
def entered(transaction: "VaultTransaction") -> Iterator[None]:
    """Have the running task's queries go through a transaction."""
    token = _bound.set(replace(required(), transaction=transaction))
    try:
        yield
    finally:
        _bound.reset(token)


class ScopedContext(TortoiseContext):
    """Tortoise's context within a scope: ``vault`` is the vault that is bound, all else is found in ``others``."""

    def __init__(self, others: ConnectionHandler) -> None:
        super().__init__()
        self._connections = _ScopedConnections(others)
        self._inited = True


class _ScopedConnections(ConnectionHandler):
    def __init__(self, others: ConnectionHandler) -> None:
        super().__init__()
        self._others = others
        self._init_config({**others.db_config, ALIAS: {}})

    @override
    def get(self, conn_alias: str) -> BaseDBAsyncClient:
        return required().current if conn_alias == ALIAS else self._others.get(conn_alias)

    @override
    def set(self, conn_alias: str, conn_obj: BaseDBAsyncClient) -> ConnectionToken:
        return self._others.set(conn_alias, conn_obj)  # the vault's transactions set it by ``entered``

    @override
    def reset(self, token: ConnectionToken | None) -> None:
        self._others.reset(token)


class _ScopedMeta(MetaInfo):
    """Finds the bound vault whatever Tortoise context there is, or none: without a scope, every query raises."""

    __slots__ = ()

    @property
    @override
    def db(self) -> BaseDBAsyncClient:
        return required().current


class _VaultModelMeta(ModelMeta):
    @staticmethod
    @override
    def build_meta(*args: Any, **kwargs: Any) -> MetaInfo:
        meta = ModelMeta.build_meta(*args, **kwargs)
        meta.__class__ = _ScopedMeta
        return meta


class VaultModel(Model, metaclass=_VaultModelMeta):
    """Base of all that lies in a vault."""

    class Meta:  # noqa: D106 - how Tortoise is told
        abstract = True
