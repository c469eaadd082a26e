"""Passwords: which are taken; and that nobody learns by the work done whether there is such a user."""

from datetime import UTC, datetime
from typing import override

import pytest
from argon2 import PasswordHasher

from core.api import InvalidInput
from tenants.accounts import signing_in
from tenants.accounts.failures import WrongCredentials
from tenants.accounts.passwords import LONGEST, Passwords, check_password
from tenants.accounts.services import Accounts
from tenants.accounts.sessions import Place
from tenants.control.models.user import User
from tenants.control.users import create_user

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE = Place(address="::1", agent="test")


@pytest.mark.parametrize(
    "password",
    ["correct horse", "four words will do", "Ελληνικά-κωδικός", "0123456789x", "p" + "äöü" * 4, "x" * 3 + "yzw" * 300],
)
def test_long_passwords_are_taken(password: str) -> None:
    check_password(password, about=("ada@example.com", "Ada"))


@pytest.mark.parametrize(
    "password",
    [
        "", "nine char", "password12", "P@ssw0rd1234", "!!iloveyou!!", "qwertyuiop", "0123456789", "9876543210",
        "abcdefghijkl", "1111111111", "ababababab", "ada@example.com", "ada@example.com1", "Lovelace2026",
        "motdepasse1", "é" * (LONGEST // 2 + 1), "1234567890123456",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_password(password, about=("ada@example.com", "Ada Lovelace"))
    assert caught.value.path == "password"
    assert not password or password not in str(caught.value)


class Counted(PasswordHasher):
    """Counts how often it verified."""

    verified = 0

    @override
    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        return bool(super().verify(hash, password))


async def test_the_same_work_is_done_for_known_and_unknown_users(accounts: Accounts) -> None:
    hasher = Counted(time_cost=1, memory_cost=8, parallelism=1)
    at = Accounts(
        house=accounts.house, keys=accounts.keys, passwords=Passwords(hasher), mailer=accounts.mailer, url=accounts.url
    )
    await create_user("ada@example.com", "Ada", actor="test", password_hash=hasher.hash("four words will do"))
    await create_user("bob@example.com", "Bob", actor="test")  # has no password yet
    for number, email in enumerate(("ada@example.com", "bob@example.com", "nobody@example.com", "no address"), 1):
        with pytest.raises(WrongCredentials):
            await signing_in.sign_in(at, email, "wrong", PLACE, now=NOW)
        assert hasher.verified == number
    with pytest.raises(WrongCredentials):
        await signing_in.sign_in(at, "bob@example.com", "nobody's password", PLACE, now=NOW)


async def test_a_password_is_hashed_anew_when_the_parameters_are_others(accounts: Accounts) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("four words will do")
    await create_user("ada@example.com", "Ada", actor="test", password_hash=old)
    with pytest.raises(WrongCredentials):
        await signing_in.sign_in(accounts, "ada@example.com", "wrong", PLACE, now=NOW)
    assert (await User.get()).password_hash == old
    await signing_in.sign_in(accounts, "ada@example.com", "four words will do", PLACE, now=NOW)
    kept = (await User.get()).password_hash
    assert kept is not None
    assert kept != old
    assert not accounts.passwords.is_outdated(kept)
    await signing_in.sign_in(accounts, "ada@example.com", "four words will do", PLACE, now=NOW)


async def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    assert await passwords.verify(await passwords.hash("caf\u00e9 au lait"), "cafe\u0301 au lait")
    assert not await passwords.verify("no hash", "x")
    assert not await passwords.verify(await passwords.hash("x" * 20), "x" * 2000)
