"""Confirming: an owner's word that a tenant is to be erased, signed by the house and short-lived."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tenants.control.memberships import role_of
from tenants.control.models.membership import Role
from tenants.keys.signing import Signer, is_signed
from tenants.leaving.failures import NotConfirmed

VALID_FOR = timedelta(minutes=15)
_PURPOSE = "confirm the erasure of a tenant"


async def confirm(tenant: UUID, owner: UUID, *, signer: Signer, now: datetime) -> str:
    """Return an owner's confirmation, to be asked for after a fresh sign-in. Raise ``NotConfirmed`` for who is none."""
    if await role_of(tenant, owner) is not Role.OWNER:
        raise NotConfirmed(f"user {owner} is no owner of tenant {tenant}")
    expires = int((now + VALID_FOR).timestamp())
    return f"{owner}.{expires}.{signer.sign(_said(tenant, owner, expires), purpose=_PURPOSE)}"


async def check_confirmation(confirmation: str, tenant: UUID, *, signer: Signer, now: datetime) -> UUID:
    """Return the owner who confirmed; raise ``NotConfirmed`` for what is expired, another's, or no owner's any more."""
    try:
        name, until, signature = confirmation.split(".")
        owner, expires = UUID(name), int(until)
    except ValueError:
        raise NotConfirmed("this is no confirmation") from None
    if not is_signed(_said(tenant, owner, expires), signature, purpose=_PURPOSE, public=signer.public):
        raise NotConfirmed("this confirmation is not the house's, or is for another tenant")
    if now.astimezone(UTC).timestamp() >= expires:
        raise NotConfirmed("this confirmation has expired", hint="Confirm once more.")
    if await role_of(tenant, owner) is not Role.OWNER:
        raise NotConfirmed("who confirmed is no owner any more")
    return owner


def _said(tenant: UUID, owner: UUID, expires: int) -> bytes:
    return f"{tenant} {owner} {expires}".encode()
