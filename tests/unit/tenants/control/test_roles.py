from tenants.control.models.membership import Role
from tenants.control.models.user import HouseRole
from tenants.control.roles import HOUSE_PERMISSIONS, PERMISSIONS, HousePermission, Permission


def test_every_role_is_in_the_table_and_may_at_least_read() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert all(Permission.READ in may for may in PERMISSIONS.values())
    assert set(HOUSE_PERMISSIONS) == set(HouseRole)


def test_an_owner_may_everything_an_editor_make_videos_a_viewer_look() -> None:
    assert PERMISSIONS[Role.OWNER] == set(Permission)
    assert PERMISSIONS[Role.EDITOR] == {Permission.READ, Permission.PROJECTS, Permission.ASSETS, Permission.RENDER}
    assert PERMISSIONS[Role.VIEWER] == {Permission.READ}


def test_support_looks_and_changes_nothing() -> None:
    assert HOUSE_PERMISSIONS[HouseRole.ADMIN] == set(HousePermission)
    assert all(permission.endswith(":read") for permission in HOUSE_PERMISSIONS[HouseRole.SUPPORT])
    assert HousePermission.READ_AUDIT not in HOUSE_PERMISSIONS[HouseRole.SUPPORT]
