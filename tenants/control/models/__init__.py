"""The control plane's tables, a module a noun. ``MODULES`` lists them for Tortoise.

Rows of a tenant refer to it by ``RESTRICT``: nothing of a client disappears because something else did.
"""

MODULES = [
    f"tenants.control.models.{noun}"
    for noun in (
        "anchor",
        "api_token",
        "audit",
        "event",
        "factor",
        "house",
        "house_key",
        "identity",
        "job",
        "key",
        "membership",
        "object",
        "one_time_token",
        "plan",
        "plugin",
        "quota",
        "rate",
        "session",
        "subscription",
        "tenant",
        "user",
    )
]
