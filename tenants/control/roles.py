"""Roles: what each of them may do, as tables. Who asks for a permission never asks for a role."""

from collections.abc import Mapping
from enum import StrEnum

from tenants.control.models.membership import Role
from tenants.control.models.user import HouseRole


class Permission(StrEnum):
    """What someone may do in a tenant."""

    READ = "workspace:read"
    PROJECTS = "projects:write"
    ASSETS = "assets:write"
    RENDER = "renders:run"
    KEYS = "keys:write"
    PLUGINS = "plugins:write"
    MEMBERS = "members:write"
    SETTINGS = "settings:write"
    BILLING = "billing:write"
    EXPORT = "workspace:export"
    ERASE = "workspace:erase"


class HousePermission(StrEnum):
    """What someone may do in the house. None of these opens a vault."""

    READ_TENANTS = "tenants:read"
    WRITE_TENANTS = "tenants:write"
    READ_USERS = "users:read"
    WRITE_USERS = "users:write"
    WRITE_PLANS = "plans:write"
    WRITE_SUBSCRIPTIONS = "subscriptions:write"
    INSTALL_PLUGINS = "plugins:install"
    READ_JOBS = "jobs:read"
    WRITE_JOBS = "jobs:write"
    READ_AUDIT = "audit:read"
    READ_SYSTEM = "system:read"
    WRITE_SYSTEM = "system:write"


_EDITING = frozenset({Permission.READ, Permission.PROJECTS, Permission.ASSETS, Permission.RENDER})

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.EDITOR: _EDITING,
    Role.VIEWER: frozenset({Permission.READ}),
}
HOUSE_PERMISSIONS: Mapping[HouseRole, frozenset[HousePermission]] = {
    HouseRole.ADMIN: frozenset(HousePermission),
    HouseRole.SUPPORT: frozenset(
        {
            HousePermission.READ_TENANTS,
            HousePermission.READ_USERS,
            HousePermission.READ_JOBS,
            HousePermission.READ_SYSTEM,
        }
    ),
}
