"""API keys: kept, proven, rotated, revoked, limited, and used; a secret goes in and never comes out but for a call."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.api import AuthFailed, InvalidInput, NotFound, NotReady
from tenants.control.failures import WrongState
from tenants.keys import Secret, Tampered
from tenants.vault.api_keys.keeping import (
    add_key,
    change_key,
    list_keys,
    revoke_key,
    show_key,
)
from tenants.vault.api_keys.proving import drop_rotation, prove_rotation, rotate_key
from tenants.vault.api_keys.proving import test_key as try_key
from tenants.vault.api_keys.using import use
from tenants.vault.api_keys.view import ApiKeyView, Budget, Usability
from tenants.vault.failures import ApiKeyTaken, ApiKeyUnproven, ApiKeyUnusable, NoApiKey, VaultClosed
from tenants.vault.models.api_key import ApiKey, Proof
from tenants.vault.models.meta import Meta
from tenants.vault.scope import scope
from tenants.vault.secrets import secret_write
from tests.support.vaults import SmallHouse

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "sk-live-0123456789abcdef"
NEW = "sk-live-fedcba9876543210"


async def secret_of(provider: str = "pexels", *, now: datetime = NOW) -> str:
    """Return the secret that a call is given."""
    async with use(provider, now=now) as taken:
        return taken.secret.reveal().decode()


async def accept(secret: Secret) -> None:
    """Be a provider to whom every key is right."""


async def refuse(secret: Secret) -> None:
    """Be a provider to whom no key is right."""
    raise AuthFailed("wrong key")


async def be_away(secret: Secret) -> None:
    """Be a provider who does not answer."""
    raise NotReady("try later")


async def test_a_key_is_added_and_shown_without_its_secret(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "  main ", f"  {SECRET}\n", now=NOW)
        assert (key.provider, key.label, key.last_four, key.state, key.proof) == (
            "pexels",
            "main",
            "cdef",
            Usability.ACTIVE,
            Proof.UNTESTED,
        )
        assert (key.created, key.expires, key.last_used, key.calls, key.next) == (NOW, None, None, 0, None)
        assert await list_keys(now=NOW) == [key] == [await show_key(key.id, now=NOW)]
        assert SECRET not in repr(key) + str(await ApiKey.all().values())
        assert await secret_of() == SECRET


async def test_the_same_secret_has_another_fingerprint_at_another_tenant(house: SmallHouse, tenant: UUID) -> None:
    other = await house.add_tenant()
    async with scope(tenant):
        mine = await add_key("pexels", "main", SECRET, now=NOW)
    async with scope(other):
        theirs = await add_key("pexels", "main", SECRET, now=NOW)
    assert mine.fingerprint != theirs.fingerprint


@pytest.mark.parametrize(
    ("provider", "label", "secret", "path"),
    [
        ("", "main", SECRET, "provider"),
        ("p" * 201, "main", SECRET, "provider"),
        ("pexels", " ", SECRET, "label"),
        ("pexels", "l" * 101, SECRET, "label"),
        ("pexels", "main", " \n", "secret"),
        ("pexels", "main", "a\x00b", "secret"),
        ("pexels", "main", "s" * 65_537, "secret"),
    ],
)
async def test_what_is_no_key_is_refused_and_nothing_is_written(
    tenant: UUID, provider: str, label: str, secret: str, path: str
) -> None:
    async with scope(tenant):
        with pytest.raises(InvalidInput) as refused:
            await add_key(provider, label, secret, now=NOW)
        assert refused.value.path == path
        assert (await list_keys(now=NOW), (await Meta.get(id=1)).epoch) == ([], 0)


@pytest.mark.parametrize("budget", [Budget(calls=-1), Budget(money=-1), Budget(currency="usd"), Budget(currency="€")])
async def test_what_is_no_budget_is_refused(tenant: UUID, budget: Budget) -> None:
    async with scope(tenant):
        with pytest.raises(InvalidInput):
            await add_key("pexels", "main", SECRET, now=NOW, budget=budget)
        assert await list_keys(now=NOW) == []


async def test_a_label_and_a_secret_are_there_once(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        with pytest.raises(ApiKeyTaken, match="Main"):
            await add_key("pexels", "Main", NEW, now=NOW)
        with pytest.raises(ApiKeyTaken, match="main"):
            await add_key("pexels", "second", SECRET, now=NOW)
        other = await add_key("pixabay", "main", SECRET, now=NOW)
        second = await add_key("pexels", "second", NEW, now=NOW)
        with pytest.raises(ApiKeyTaken):
            await change_key(second.id, label="main", now=NOW)
        assert [shown.id for shown in await list_keys(now=NOW)] in (
            [key.id, second.id, other.id],
            [second.id, key.id, other.id],
        )
        await revoke_key(key.id, now=NOW)
        assert (await change_key(second.id, label="main", now=NOW)).label == "main"
        assert (await change_key(second.id, label="MAIN", now=NOW)).label == "MAIN"
        with pytest.raises(InvalidInput, match="moment to come"):
            await change_key(second.id, label="other", budget=Budget(calls=1), expires=NOW, now=NOW)
        unchanged = await show_key(second.id, now=NOW)
        assert (unchanged.label, unchanged.budget) == ("MAIN", Budget())


async def test_ten_adding_the_same_label_at_once_add_it_once(tenant: UUID) -> None:
    async with scope(tenant):
        tries = (add_key("pexels", "main", f"{SECRET}{number}", now=NOW) for number in range(10))
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["ApiKeyTaken"] * 9 + ["ApiKeyView"]
        assert (len(await list_keys(now=NOW)), (await Meta.get(id=1)).epoch) == (1, 1)


async def test_a_key_that_is_not_there_is_not_found(tenant: UUID) -> None:
    async with scope(tenant):
        unknown = uuid4()
        for call in (
            show_key(unknown, now=NOW),
            change_key(unknown, label="x", now=NOW),
            change_key(unknown, budget=Budget(), now=NOW),
            change_key(unknown, expires=None, now=NOW),
            revoke_key(unknown, now=NOW),
            rotate_key(unknown, NEW, now=NOW),
            prove_rotation(unknown, accept, now=NOW),
            drop_rotation(unknown, now=NOW),
            try_key(unknown, accept, now=NOW),
        ):
            with pytest.raises(NotFound):
                await call
        assert (await Meta.get(id=1)).epoch == 0


async def test_the_provider_says_whether_a_key_works(tenant: UUID) -> None:
    seen: list[str] = []

    async def look(secret: Secret) -> None:
        seen.append(secret.reveal().decode())

    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        tested = await try_key(key.id, look, now=NOW)
        assert (seen, tested.proof, tested.tested) == ([SECRET], Proof.ACCEPTED, NOW)
        later = NOW + timedelta(hours=1)
        refused = await try_key(key.id, refuse, now=later)
        assert (refused.proof, refused.tested) == (Proof.REFUSED, later)
        with pytest.raises(NotReady):
            await try_key(key.id, be_away, now=NOW + timedelta(hours=2))
        assert await show_key(key.id, now=NOW) == refused


async def test_the_old_secret_is_used_until_the_new_one_is_proven(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        waiting = await rotate_key(key.id, NEW, now=NOW)
        assert waiting.next is not None
        assert (waiting.last_four, waiting.next.last_four, waiting.next.since) == ("cdef", "3210", NOW)
        assert await secret_of() == SECRET
        with pytest.raises(NotReady):
            await prove_rotation(key.id, be_away, now=NOW)
        assert await secret_of() == SECRET
        proven = await prove_rotation(key.id, accept, now=NOW)
        assert (proven.last_four, proven.next, proven.proof, proven.rotated) == ("3210", None, Proof.ACCEPTED, NOW)
        assert proven.fingerprint == waiting.next.fingerprint
        assert await secret_of() == NEW
        with pytest.raises(WrongState):
            await prove_rotation(key.id, accept, now=NOW)


async def test_a_new_secret_that_is_refused_is_dropped_and_the_old_one_stays(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        await rotate_key(key.id, NEW, now=NOW)
        with pytest.raises(ApiKeyUnproven):
            await prove_rotation(key.id, refuse, now=NOW)
        assert ((await show_key(key.id, now=NOW)).next, await secret_of()) == (None, SECRET)
        await rotate_key(key.id, NEW, now=NOW)
        assert ((await drop_rotation(key.id, now=NOW)).next, await secret_of()) == (None, SECRET)


async def test_a_key_that_changes_while_its_new_secret_is_tried_is_left_as_it_is(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        await rotate_key(key.id, NEW, now=NOW)

        async def replaced_meanwhile(secret: Secret) -> None:
            await rotate_key(key.id, "another-secret-9999", now=NOW)

        with pytest.raises(WrongState):
            await prove_rotation(key.id, replaced_meanwhile, now=NOW)
        shown = await show_key(key.id, now=NOW)
        assert shown.next is not None
        assert (shown.next.last_four, await secret_of()) == ("9999", SECRET)


async def test_the_secret_in_use_is_no_new_secret(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        with pytest.raises(ApiKeyTaken):
            await rotate_key(key.id, SECRET, now=NOW)
        assert (await show_key(key.id, now=NOW)).next is None


async def test_a_revoked_key_is_gone_and_told_of(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        await rotate_key(key.id, NEW, now=NOW)
        revoked = await revoke_key(key.id, now=NOW)
        assert (revoked.state, revoked.revoked, revoked.next) == (Usability.REVOKED, NOW, None)
        row = await ApiKey.get(id=key.id)
        assert (row.secret, row.next_secret) == (None, None)
        assert await revoke_key(key.id, now=NOW + timedelta(days=1)) == revoked
        for call in (
            rotate_key(key.id, "x" * 20, now=NOW),
            try_key(key.id, accept, now=NOW),
            change_key(key.id, expires=None, now=NOW),
        ):
            with pytest.raises(ApiKeyUnusable) as unusable:
                await call
            assert unusable.value.reason == "revoked"
        with pytest.raises(ApiKeyUnusable, match="revoked"):
            await secret_of()
        again = await add_key("pexels", "main", SECRET, now=NOW)
        assert again.fingerprint == key.fingerprint
        assert await secret_of() == SECRET


async def test_a_key_expires_at_the_very_moment(tenant: UUID) -> None:
    expires = NOW + timedelta(days=1)
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW, expires=expires)
        assert await secret_of(now=expires - timedelta(microseconds=1)) == SECRET
        with pytest.raises(ApiKeyUnusable) as unusable:
            await secret_of(now=expires)
        assert unusable.value.reason == "expired"
        assert (await show_key(key.id, now=expires)).state is Usability.EXPIRED
        assert (await show_key(key.id, now=expires)).calls == 1
        await rotate_key(key.id, NEW, now=NOW)
        prolonged = await change_key(key.id, expires=expires + timedelta(days=1), now=expires)
        assert prolonged.state is Usability.ACTIVE
        assert await secret_of(now=expires) == SECRET
        with pytest.raises(InvalidInput):
            await change_key(key.id, expires=NOW, now=NOW)
        with pytest.raises(InvalidInput):
            await change_key(key.id, expires=datetime(2030, 1, 1), now=NOW)
        assert (await change_key(key.id, expires=None, now=NOW)).expires is None
        await prove_rotation(key.id, accept, now=NOW)
        assert await secret_of() == NEW


async def test_a_month_has_as_many_calls_as_its_budget_also_when_all_come_at_once(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW, budget=Budget(calls=7))
        results = await asyncio.gather(*(secret_of() for _ in range(30)), return_exceptions=True)
        assert sorted(map(str, results)).count(SECRET) == 7
        assert {result.reason for result in results if isinstance(result, ApiKeyUnusable)} == {"calls"}
        shown = await show_key(key.id, now=NOW)
        assert (shown.calls, shown.last_used) == (7, NOW)
        december = NOW + timedelta(days=10)
        assert (await show_key(key.id, now=december)).calls == 0
        assert await secret_of(now=december) == SECRET
        assert (await show_key(key.id, now=december)).calls == 1


async def test_money_is_counted_before_the_call_and_corrected_after_it(tenant: UUID) -> None:
    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW, budget=Budget(money=100, currency="EUR"))
        async with use("pexels", now=NOW, cost=60) as taken:
            assert (await show_key(key.id, now=NOW)).money == 60
            with pytest.raises(ApiKeyUnusable) as unusable:
                async with use("pexels", now=NOW, cost=41):
                    pass
            assert unusable.value.reason == "money"
            taken.cost = 35
        shown = await show_key(key.id, now=NOW)
        assert (shown.money, shown.calls) == (35, 1)
        async with use("pexels", now=NOW, cost=65):
            pass
        with pytest.raises(ApiKeyUnusable, match="money"):
            await secret_of()
        assert (await change_key(key.id, budget=Budget(money=101), now=NOW)).money == 100
        assert await secret_of() == SECRET


async def test_a_call_that_fails_stays_counted(tenant: UUID) -> None:
    async def failing() -> None:
        async with use("pexels", now=NOW, cost=5):
            raise NotReady("try later")

    async with scope(tenant):
        key = await add_key("pexels", "main", SECRET, now=NOW)
        with pytest.raises(NotReady):
            await failing()
        shown = await show_key(key.id, now=NOW)
        assert (shown.calls, shown.money) == (1, 5)


async def test_a_secret_is_there_for_one_call_only(tenant: UUID) -> None:
    async with scope(tenant):
        await add_key("pexels", "main", SECRET, now=NOW)
        async with use("pexels", now=NOW) as taken:
            assert taken.secret.reveal() == SECRET.encode()
            assert SECRET not in repr(taken) + repr(taken.secret)
        with pytest.raises(VaultClosed):
            _ = taken.secret


async def test_of_several_keys_the_oldest_that_can_be_used_is_taken(tenant: UUID) -> None:
    async with scope(tenant):
        with pytest.raises(NoApiKey):
            await secret_of()
        first = await add_key("pexels", "first", SECRET, now=NOW, budget=Budget(calls=1))
        second = await add_key("pexels", "second", NEW, now=NOW + timedelta(seconds=1))
        assert [await secret_of() for _ in range(3)] == [SECRET, NEW, NEW]
        await revoke_key(second.id, now=NOW)
        with pytest.raises(ApiKeyUnusable) as unusable:
            await secret_of()
        assert unusable.value.reason == "calls"
        assert [await calls_of(key) for key in (first, second)] == [1, 2]
        with pytest.raises(NoApiKey):
            await secret_of("pixabay")


async def calls_of(key: ApiKeyView) -> int:
    return (await show_key(key.id, now=NOW)).calls


async def test_a_sealed_secret_opens_in_its_own_row_only(tenant: UUID) -> None:
    async with scope(tenant):
        first = await add_key("pexels", "first", SECRET, now=NOW)
        second = await add_key("pixabay", "second", NEW, now=NOW)
        async with secret_write():
            stolen = (await ApiKey.get(id=first.id)).secret
            await ApiKey.filter(id=second.id).update(secret=stolen)
        with pytest.raises(Tampered):
            await secret_of("pixabay")
        async with secret_write():
            await ApiKey.filter(id=first.id).update(version=9)
        with pytest.raises(Tampered):
            await secret_of("pexels")
