"""Settings keep any JSON value, a text that looks like JSON as well."""

from typing import Any
from uuid import UUID

import pytest

from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.support.vaults import SmallHouse

VALUES: list[Any] = [
    "fr",
    "1",
    "null",
    '{"a": 1}',
    "été \U0001f3ac",
    "",
    0,
    1.5,
    True,
    None,
    [],
    ["a", {"b": None}],
    {},
]


@pytest.mark.usefixtures("house")
async def test_a_value_comes_back_as_it_was(tenant: UUID) -> None:
    async with scope(tenant):
        await Setting.bulk_create([Setting(name=str(number), value=value) for number, value in enumerate(VALUES)])
        await Setting.create(name="made", value="[1")
        kept = {setting.name: setting.value for setting in await Setting.all()}
    assert kept == {str(number): value for number, value in enumerate(VALUES)} | {"made": "[1"}


async def test_a_value_is_still_there_when_the_vault_is_opened_again(house: SmallHouse, tenant: UUID) -> None:
    async with scope(tenant):
        await Setting.create(name="language", value="fr")
        await Setting.filter(name="language").update(value={"of": "the interface"})
    async with house.pool.drained(tenant):
        pass
    async with scope(tenant):
        setting = await Setting.get(name="language")
        assert setting.value == {"of": "the interface"}
        setting.value = "en"
        await setting.save()
        assert (await Setting.get(name="language")).value == "en"


@pytest.mark.usefixtures("house")
async def test_what_json_can_not_hold_is_not_kept(tenant: UUID) -> None:
    async with scope(tenant):
        with pytest.raises(TypeError):
            await Setting.create(name="secret", value={1, 2})
        assert await Setting.all().count() == 0
