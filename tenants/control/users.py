"""Users: making them, and the one form that an address is kept in."""

import unicodedata

from tortoise.exceptions import IntegrityError

from core.api import InvalidInput
from tenants.control.audit import audited
from tenants.control.failures import Taken
from tenants.control.models.user import HouseRole, User

_LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, without the brackets
_LONGEST_NAME = 200


def normal_email(email: str) -> str:
    """Return the form in which an address is kept and looked up: composed and in lower case, so that it is one user's.

    That capitals before the @ could matter (RFC 5321, 2.4) is given up, as everywhere. Raise ``InvalidInput``.
    """
    normal = unicodedata.normalize("NFC", unicodedata.normalize("NFC", email.strip()).lower())
    name, at, host = normal.rpartition("@")
    if not (name and at and host) or len(normal) > _LONGEST_EMAIL or not normal.isprintable() or " " in normal:
        raise InvalidInput("is no e-mail address", path="email")
    return normal


async def create_user(
    email: str,
    name: str,
    *,
    actor: str,
    password_hash: str | None = None,
    locale: str = "en",
    house_role: HouseRole | None = None,
) -> User:
    """Make a user. Raise ``InvalidInput``, or ``Taken`` for an address that someone has, in whatever capitals."""
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise InvalidInput(f"must have 1 to {_LONGEST_NAME} characters", path="name")
    user = User(
        email=normal_email(email),
        name=name.strip(),
        password_hash=password_hash,
        locale=locale,
        house_role=house_role,
    )
    async with audited(actor, "user.create", f"user:{user.id}", house_role=house_role):
        try:
            await user.save(force_create=True)
        except IntegrityError as err:
            raise Taken("this address is in use") from err
    return user


async def find_user(email: str) -> User | None:
    """Return the user with an address, however it is written."""
    return await User.get_or_none(email=normal_email(email))
