"""The control plane's tables, a module a noun. ``MODULES`` lists them for Tortoise.

Rows of a tenant refer to it by ``RESTRICT``: nothing of a client disappears because something else did.
"""

MODULES = [
    f"tenants.control.models.{noun}"
    for noun in (
        "anchor",
        "audit",
        "house",
        "job",
        "key",
        "membership",
        "object",
        "plan",
        "plugin",
        "quota",
        "rate",
        "subscription",
        "tenant",
        "user",
    )
]
