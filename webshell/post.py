"""How messages to webhooks leave the house, by its settings."""

from core.egress.client import Bounds, GuardedClient
from core.egress.policy import Policy
from tenants.webhooks.delivering import Clock, Post
from webshell.settings import Settings

COURIERS = 4
"""How many messages are under way at once; they have slots of their own, so that no slow receiver delays a render."""
_BOUNDS = Bounds(connect_s=5, silence_s=15, whole_s=15, answer=64 * 1024, tries=1)


def open_post(settings: Settings, clock: Clock) -> Post:
    """Return what messages are sent with: to public addresses alone, and to what the operator opened."""
    opened = settings.tables.webhooks
    policy = Policy(allowed=opened.allowed, plain=frozenset(opened.plain))
    return Post(http=GuardedClient(policy, bounds=_BOUNDS), clock=clock)
