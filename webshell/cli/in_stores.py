"""The stores that hold a tenant's files, for the commands that take all of them in hand."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

from core.api import Storage
from core.host.home import home_folder
from core.host.host import PluginHost
from tenants.control.models.object import StoredObject


@asynccontextmanager
async def stores_of(tenant: UUID) -> AsyncIterator[Mapping[str, Storage]]:
    """Open the storage backends that hold files of a tenant, by their names."""
    async with AsyncExitStack() as closing:
        host = closing.enter_context(PluginHost.load(home=home_folder()))
        stores: dict[str, Storage] = {}
        for backend in map(
            str, await StoredObject.filter(tenant_id=tenant).distinct().values_list("backend", flat=True)
        ):
            stores[backend] = await host.open_storage(backend)
            closing.push_async_callback(stores[backend].close)
        yield stores
