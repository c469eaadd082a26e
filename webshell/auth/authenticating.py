"""Authenticating: finding who a request is from, by a session's cookie, an access token or an API token.

All three are looked up at each request, with the user, the membership and the workspace as they stand: whatever was
revoked, disabled or suspended is over at once.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_network
from uuid import UUID

from quart import Request

from core.api import ReelhouseError
from tenants.accounts import access_tokens, api_tokens, sessions
from tenants.accounts.failures import TokenRefused
from tenants.accounts.services import Accounts
from tenants.control.models.membership import Membership
from tenants.control.models.tenant import TenantState
from tenants.control.models.user import User, UserState
from tenants.control.roles import HOUSE_PERMISSIONS, PERMISSIONS, Permission
from webshell.auth.cookies import session_secret
from webshell.auth.principal import Principal
from webshell.forwarding import Network, address_of
from webshell.shell import Authenticate

_BEARER = "bearer "
_SUSPENDED = frozenset({Permission.READ, Permission.BILLING, Permission.EXPORT, Permission.ERASE})
"""What is left to the members of a suspended workspace."""


class AddressNotAllowed(ReelhouseError):
    """The workspace is not to be worked in from this address."""

    code = "address_not_allowed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("this workspace can't be reached from your address", hint="Ask one of its owners.")


def authenticator(accounts: Accounts, *, admin_networks: Collection[Network]) -> Authenticate:
    """Return what finds who a request is from. ``admin_networks`` are those of the house's staff, none for all."""

    async def authenticate(request: Request) -> Principal | None:
        now = datetime.now(UTC)
        address = request.remote_addr or ""
        bearer = _bearer(request)
        if bearer is not None and bearer.startswith(api_tokens.PREFIX):
            token = await api_tokens.find(bearer, address=address, now=now)
            if token is None:
                return None
            held, _ = await _permissions(token.user, token.tenant, address, admin_networks)
            scoped = held & frozenset(token.scopes)
            return Principal(user=token.user, tenant=token.tenant, permissions=scoped, token=token.id)
        if bearer is not None:
            try:
                named = await access_tokens.read(bearer, keys=accounts.keys, issuer=accounts.url, now=now)
            except TokenRefused:
                return None
            session = await sessions.find_by_id(named, now=now)
        else:
            secret = session_secret(request)
            session = await sessions.find(secret, now=now) if secret else None
        if session is None:
            return None
        held, tenant = await _permissions(session.user, session.tenant, address, admin_networks)
        return Principal(user=session.user, tenant=tenant, permissions=held, session=session.id, proven=session.proven)

    return authenticate


async def _permissions(
    user: UUID, tenant: UUID | None, address: str, admin_networks: Collection[Network]
) -> tuple[frozenset[str], UUID | None]:
    """Return what a user may do now, and in which tenant: None where they are no member any more, or it is leaving.

    Raise ``AddressNotAllowed``.
    """
    row = await User.get(id=user, state=UserState.ACTIVE)
    of_house: frozenset[str] = frozenset()
    if row.house_role is not None and is_within(address, admin_networks):
        of_house = frozenset(HOUSE_PERMISSIONS[row.house_role])
    member = await Membership.get_or_none(tenant_id=tenant, user_id=user).select_related("tenant") if tenant else None
    if member is None or member.tenant.state in {TenantState.ERASING, TenantState.ERASED}:
        return of_house, None
    if not is_within(address, [ip_network(each) for each in member.tenant.networks or []]):
        raise AddressNotAllowed
    in_tenant = PERMISSIONS[member.role]
    if member.tenant.state is TenantState.SUSPENDED:
        in_tenant &= _SUSPENDED
    return of_house | in_tenant, member.tenant_id


def is_within(address: str, networks: Collection[Network]) -> bool:
    """Tell whether an address is in one of some networks; any is where there are none."""
    found = address_of(address)
    return not networks or (found is not None and any(found in network for network in networks))


def _bearer(request: Request) -> str | None:
    given = request.headers.get("Authorization", "")
    return given[len(_BEARER) :].strip() if given[: len(_BEARER)].lower() == _BEARER else None
