"""``/admin/settings``: how this host was set up, without what is secret. It is changed in ``reelhouse.toml``."""

from typing import Any

from pydantic import BaseModel
from quart import Blueprint

from tenants.control.roles import HousePermission
from webshell.api.endpoint import Rules, endpoint
from webshell.settings import Tables
from webshell.shell import shell

admin_settings = Blueprint("admin_settings", __name__, url_prefix="/admin/settings")

_SECRET = frozenset({"database", "mail.server"})
"""Settings that may have a password in them: whether they are set is told, not to what."""


class SettingShown(BaseModel):
    """A setting. ``value`` is null where it is set and may hold a password; ``is_default`` says that it is not set."""

    name: str
    value: Any
    default: Any
    is_default: bool
    is_secret: bool


class SettingsShown(BaseModel):
    """All settings of this host."""

    items: list[SettingShown]


@endpoint(admin_settings, "", "GET", Rules(needs=HousePermission.READ_SYSTEM, gives={200: SettingsShown}))
async def show_settings() -> SettingsShown:
    """Show how this host was set up."""
    now, usual = _flat(shell().settings.tables), _flat(Tables())
    return SettingsShown(
        items=[
            SettingShown(
                name=name,
                value=None if name in _SECRET and value != usual[name] else value,
                default=usual[name],
                is_default=value == usual[name],
                is_secret=name in _SECRET,
            )
            for name, value in now.items()
        ]
    )


def _flat(tables: Tables) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tables.model_dump(mode="json").items():
        if isinstance(value, dict):
            flat |= {f"{name}.{key}": each for key, each in value.items()}
        else:
            flat[name] = value
    return flat
