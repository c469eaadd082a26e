"""What lies in a vault, a module a noun. ``MODULES`` lists them for Tortoise."""

MODULES = [
    f"tenants.vault.models.{noun}"
    for noun in (
        "api_key",
        "asset",
        "meta",
        "notification",
        "plugin_config",
        "project",
        "setting",
        "share",
        "template",
        "upload",
        "usage",
        "video",
        "webhook",
    )
]
