"""Recovering and changing: a forgotten password, a new one, another address."""

from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from tenants.accounts import one_time, sessions
from tenants.accounts.failures import TokenRefused, WrongCredentials
from tenants.accounts.letters import Occasion, letter
from tenants.accounts.passwords import check_password
from tenants.accounts.services import Accounts
from tenants.control.audit import audited
from tenants.control.database import ALIAS
from tenants.control.failures import Taken
from tenants.control.models.one_time_token import Purpose
from tenants.control.models.user import User, UserState
from tenants.control.users import find_user, normal_email


async def forgot_password(at: Accounts, email: str, *, locale: str, now: datetime) -> None:
    """Write to an address how to choose a new password; or that nobody has this address. Raise ``InvalidInput``."""
    email = normal_email(email)
    user = await find_user(email)
    if user is None or user.state is not UserState.ACTIVE:
        await at.mailer.send(letter(Occasion.NOBODY, email, locale))
        return
    await at.mailer.send(letter(Occasion.RESET, email, user.locale, link=await reset_link(at, user, now=now)))


async def reset_link(at: Accounts, user: User, *, now: datetime) -> str:
    """Return where a user can choose a new password; who runs the house may hand it over too."""
    return at.link("reset-password", await one_time.give(Purpose.RESET_PASSWORD, user=user.id, now=now))


async def reset_password(at: Accounts, secret: str, password: str, *, now: datetime) -> UUID:
    """Give the user whom a token was mailed a new password, and end all their sessions; return who it is.

    Raise ``TokenRefused``; ``InvalidInput``, with which the token stays usable.
    """
    step = await one_time.look_at(Purpose.RESET_PASSWORD, secret, now=now)
    user = await User.get_or_none(id=step.user, state=UserState.ACTIVE)
    if user is None:
        raise TokenRefused
    check_password(password, about=(user.email, user.name))
    password_hash = await at.passwords.hash(password)
    async with in_transaction(ALIAS):
        await one_time.take(Purpose.RESET_PASSWORD, secret, now=now)
        await _set_password(user, password_hash, actor="reset", keep=None, now=now)
    await _tell_of_password(at, user, now)
    return user.id


async def change_password(
    at: Accounts, user_id: UUID, *, current: str, password: str, session: UUID | None, now: datetime
) -> None:
    """Give a user a new password for the current one, and end their other sessions.

    Raise ``WrongCredentials``, ``InvalidInput``; nothing changes then.
    """
    user = await User.get(id=user_id)
    if not await at.passwords.verify(user.password_hash, current):
        raise WrongCredentials("the current password is wrong")
    check_password(password, about=(user.email, user.name))
    password_hash = await at.passwords.hash(password)
    async with in_transaction(ALIAS):
        await _set_password(user, password_hash, actor=f"user:{user.id}", keep=session, now=now)
    await _tell_of_password(at, user, now)


async def ask_for_email(at: Accounts, user_id: UUID, email: str, *, now: datetime) -> None:
    """Write to a new address that it is to be confirmed. Raise ``InvalidInput``.

    To an address that somebody has, its owner is written that it is known already; the answer is the same.
    """
    user, email = await User.get(id=user_id), normal_email(email)
    if known := await find_user(email):
        link = await reset_link(at, known, now=now)
        await at.mailer.send(letter(Occasion.KNOWN_ALREADY, email, known.locale, link=link))
        return
    secret = await one_time.give(Purpose.CHANGE_EMAIL, user=user.id, now=now, email=email)
    link = at.link("confirm-email", secret)
    await at.mailer.send(letter(Occasion.CHANGE_EMAIL, email, user.locale, link=link))


async def confirm_email(at: Accounts, secret: str, *, now: datetime) -> None:
    """Give a user the address that they have confirmed, and tell the old one.

    Raise ``TokenRefused``, ``Taken`` for an address that became another's.
    """
    async with in_transaction(ALIAS):
        step = await one_time.take(Purpose.CHANGE_EMAIL, secret, now=now)
        user = await User.select_for_update().get(id=step.user)
        former, user.email = user.email, step.details["email"]
        async with audited(f"user:{user.id}", "user.change_email", f"user:{user.id}"):
            try:
                await user.save(update_fields=["email"])
            except IntegrityError as err:
                raise Taken("this address is in use") from err
            await one_time.withdraw(Purpose.RESET_PASSWORD, user.id, now=now)
    await at.mailer.send(letter(Occasion.EMAIL_CHANGED, former, user.locale, email=user.email))


async def _set_password(user: User, password_hash: str, *, actor: str, keep: UUID | None, now: datetime) -> None:
    async with audited(actor, "user.change_password", f"user:{user.id}"):
        await User.filter(id=user.id).update(password_hash=password_hash)
        await one_time.withdraw(Purpose.RESET_PASSWORD, user.id, now=now)
        await one_time.withdraw(Purpose.SECOND_FACTOR, user.id, now=now)
        await sessions.revoke_all(user.id, except_for=keep, actor=actor, now=now)


async def _tell_of_password(at: Accounts, user: User, now: datetime) -> None:
    link = await reset_link(at, user, now=now)
    await at.mailer.send(letter(Occasion.PASSWORD_CHANGED, user.email, user.locale, link=link))
