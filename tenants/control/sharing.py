"""Sharing: a context of another database in which the control plane is seen too, with the transaction one is in.

A vault's context is one of these. Tortoise looks up a connection by its alias in the running task's context; here the
alias ``control`` leads to the control plane's own context. So a transaction that was begun before a vault was bound
goes on in it, where a second way to the same connection would wait for itself.
"""

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import ConnectionHandler, ConnectionToken
from tortoise.context import TortoiseContext

from tenants.control.database import ALIAS, Control


class SharingContext(TortoiseContext):
    """A context beside ``control``. It has connections and apps of its own; it opens and closes these alone.

    Initialise it while it is bound. Bind it by setting Tortoise's ``_current_context``, and reset that with its token;
    never by ``with``, which fails where two tasks enter it at once.
    """

    def __init__(self, control: Control) -> None:
        super().__init__()
        self._connections = _SharingConnections(control.context.connections)


class _SharingConnections(ConnectionHandler):
    def __init__(self, control: ConnectionHandler) -> None:
        super().__init__()
        self._control = control

    def get(self, conn_alias: str) -> BaseDBAsyncClient:
        return self._control.get(conn_alias) if conn_alias == ALIAS else super().get(conn_alias)

    def set(self, conn_alias: str, conn_obj: BaseDBAsyncClient) -> ConnectionToken:
        return self._control.set(conn_alias, conn_obj) if conn_alias == ALIAS else super().set(conn_alias, conn_obj)

    def reset(self, token: ConnectionToken | None) -> None:
        if token is not None and token._alias == ALIAS:  # noqa: SLF001 - a token says nowhere else whose it is
            self._control.reset(token)
        else:
            super().reset(token)
