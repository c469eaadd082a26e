from uuid import uuid4

import pytest

from core.api import InvalidInput, NotFound
from tenants.control.audit_check import verify
from tenants.control.database import Control
from tenants.control.failures import Taken
from tenants.control.models.audit import AuditEntry
from tenants.control.models.plan import Plan
from tenants.control.models.user import HouseRole, User
from tenants.control.plans import make_default
from tenants.control.users import create_user, find_user, normal_email


async def test_a_user_is_found_however_the_address_is_written(control: Control) -> None:
    user = await create_user(" Ada.Lovelace@Example.COM ", " Ada ", actor="system", house_role=HouseRole.ADMIN)
    assert (user.email, user.name) == ("ada.lovelace@example.com", "Ada")
    found = await find_user("ADA.lovelace@example.com")
    assert found is not None
    assert (found.id, found.house_role) == (user.id, HouseRole.ADMIN)
    assert await find_user("ada@example.com") is None
    assert (await AuditEntry.get()).details == {"house_role": "admin"}
    assert (await verify()).is_intact


@pytest.mark.parametrize("email", ["ADA@example.com", "ada@EXAMPLE.com ", "E\u0301va@example.com"])
async def test_an_address_is_one_users_whatever_its_capitals_and_accents(control: Control, email: str) -> None:
    await create_user("ada@example.com", "Ada", actor="system")
    await create_user("éva@example.com", "Éva", actor="system")
    with pytest.raises(Taken):
        await create_user(email, "Other", actor="system")
    assert (await User.all().count(), await AuditEntry.all().count()) == (2, 2)


@pytest.mark.parametrize(
    "email", ["", "a", "@", "a@", "@b", "a b@c", "a\n@b", "a\0@b", "a" * 250 + "@b.cd", "a@b\u202e"]
)
async def test_what_is_no_address_is_refused(control: Control, email: str) -> None:
    with pytest.raises(InvalidInput):
        await create_user(email, "A", actor="system")
    assert await User.all().count() == 0


@pytest.mark.parametrize("letters", ["İ", "ẞ", "Σς", "Ꭰ", "ꭰ", "ǅ", "\u212b", "K"])
async def test_every_alphabet_has_one_form_that_the_database_takes(control: Control, letters: str) -> None:
    email = f"{letters}{uuid4().hex}@example.com"
    user = await create_user(email, "A", actor="system")
    assert normal_email(user.email) == user.email
    found = await find_user(email)
    assert found is not None
    assert found.id == user.id


async def test_a_new_house_has_one_plan_without_limits_and_another_can_take_its_place(control: Control) -> None:
    plan = await Plan.get()
    assert (plan.slug, plan.limits, plan.price_cents, plan.is_default) == ("standard", {}, 0, True)
    await Plan.create(slug="small", name="Small", limits={"members": 1})
    await make_default("small", actor="user:1")
    assert await Plan.filter(is_default=True).values_list("slug", flat=True) == ["small"]
    with pytest.raises(NotFound):
        await make_default("none", actor="user:1")
    assert await Plan.filter(is_default=True).values_list("slug", flat=True) == ["small"]
    assert await AuditEntry.all().count() == 1
