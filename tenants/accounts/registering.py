"""Registering: an address is confirmed first; only then there is a user, with a workspace of their own.

What is answered never tells whether an address is known here: its owner is told, by mail.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from core.api import InvalidInput
from tenants.accounts import one_time
from tenants.accounts.failures import RegistrationClosed
from tenants.accounts.letters import Occasion, letter, locale_of
from tenants.accounts.passwords import check_password
from tenants.accounts.services import Accounts, Registration
from tenants.control.database import ALIAS
from tenants.control.failures import Taken
from tenants.control.models.one_time_token import Purpose
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User
from tenants.control.users import create_user, find_user, normal_email

_TRIES = 20
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A new user and their workspace."""

    user: UUID
    tenant: UUID
    slug: str


async def register(
    at: Accounts, *, email: str, password: str, name: str, workspace: str, locale: str, now: datetime
) -> None:
    """Write to an address that it is to be confirmed; or that it is known already, if it is.

    Raise ``RegistrationClosed``, ``InvalidInput``, ``MailFailed``.
    """
    if at.registration is not Registration.OPEN:
        raise RegistrationClosed
    email = normal_email(email)
    name, workspace = _named("name", name), _named("workspace", workspace)
    check_password(password, about=(email, name))
    password_hash = await at.passwords.hash(password)  # for a known address too: both take as long
    known = await find_user(email)
    if known is not None:
        secret = await one_time.give(Purpose.RESET_PASSWORD, user=known.id, now=now)
        link = at.link("reset-password", secret)
        await at.mailer.send(letter(Occasion.KNOWN_ALREADY, email, known.locale, link=link))
        return
    secret = await one_time.give(
        Purpose.REGISTER,
        now=now,
        email=email,
        name=name,
        workspace=workspace,
        locale=locale_of(locale),
        password_hash=password_hash,
    )
    link = at.link("confirm", secret)
    await at.mailer.send(letter(Occasion.CONFIRM, email, locale, link=link, name=name))


async def confirm(at: Accounts, secret: str, *, now: datetime) -> Registered:
    """Make the user and their workspace. Raise ``TokenRefused``, ``Taken`` for an address that has a user by now.

    Raise ``Sealed`` too; the token stays usable then.
    """
    _ = at.house.keyring.master_id  # raises ``Sealed`` before the token is used
    async with in_transaction(ALIAS):
        step = await one_time.take(Purpose.REGISTER, secret, now=now)
        user = await create_user(
            step.details["email"],
            step.details["name"],
            actor="registration",
            password_hash=step.details["password_hash"],
            locale=step.details["locale"],
        )
    tenant = await open_workspace(at, user, step.details["workspace"])
    return Registered(user=user.id, tenant=tenant.id, slug=tenant.slug)


async def open_workspace(at: Accounts, owner: User, name: str) -> Tenant:
    """Make a workspace for a user, under a slug made of its name. Raise ``InvalidInput``, ``Sealed``."""
    name = _named("workspace", name)
    slug = _slug_of(name)
    for tried in range(_TRIES):
        chosen = slug if tried == 0 else f"{slug}-{secrets.token_hex(2 + tried // 4)}"
        try:
            return await at.house.create_tenant(chosen, name, owner=owner.email, actor=f"user:{owner.id}")
        except Taken:
            continue
    raise Taken("no free name was found for this workspace")


def _slug_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-") or "workspace"


def _named(field: str, given: str) -> str:
    name = " ".join(given.split())
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"must have 1 to {_LONGEST_NAME} characters", path=field)
    return name
