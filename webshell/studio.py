"""What the studio works with in the web shell, by its settings."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from core.host.host import PluginHost
from tenants.control.events import prune
from tenants.house.duties import Duty
from tenants.library.holdings import Holdings
from tenants.library.staging import Staging
from tenants.plugin_sets.sets import PluginSets
from tenants.studio.services import Studio
from webshell.settings import Settings


async def open_studio(settings: Settings, host: PluginHost, staging: Staging) -> Studio:
    """Open the store that is set, and put together what the studio works with. Raise what opening a store does."""
    backend = settings.tables.storage.backend
    return Studio(
        home=settings.home,
        plugin_sets=PluginSets(host),
        holdings=Holdings(await host.open_storage(backend), backend),
        staging=staging,
        clock=lambda: datetime.now(UTC),
    )


def old_events() -> Sequence[Duty]:
    """Return the duty that forgets old events."""

    async def forget(now: datetime) -> None:
        await prune(now)

    return (Duty(name="forget old events", every=timedelta(hours=1), do=forget),)
