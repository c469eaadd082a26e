"""Signing in: by a password, and by a second factor where a user has one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.api import InvalidInput
from tenants.accounts import factors, one_time, sessions
from tenants.accounts.factors import Factor
from tenants.accounts.failures import WrongCredentials
from tenants.accounts.services import Accounts
from tenants.accounts.sessions import Begun, Place
from tenants.control.audit import record
from tenants.control.models.membership import Membership
from tenants.control.models.one_time_token import Purpose
from tenants.control.models.tenant import TenantState
from tenants.control.models.user import User, UserState
from tenants.control.users import find_user


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorNeeded:
    """The password was right; ``challenge`` is to be sent back within ten minutes, with one of the ``factors``."""

    challenge: str
    factors: tuple[Factor, ...]


async def sign_in(
    at: Accounts, email: str, password: str, place: Place, *, now: datetime
) -> Begun | SecondFactorNeeded:
    """Begin a session for who knows the password. Raise ``WrongCredentials``, whatever is wrong."""
    user = await _known(email)
    is_right = await at.passwords.verify(user.password_hash if user else None, password)
    if user is None or not is_right or user.state is not UserState.ACTIVE:
        if user is not None:
            await record("anonymous", "session.refuse", f"user:{user.id}", address=place.address[:45])
        raise WrongCredentials
    if user.password_hash and at.passwords.is_outdated(user.password_hash):
        anew = await at.passwords.hash(password)
        await User.filter(id=user.id, password_hash=user.password_hash).update(password_hash=anew)
    if enrolled := await factors.factors_of(user.id):
        challenge = await one_time.give(Purpose.SECOND_FACTOR, user=user.id, now=now)
        return SecondFactorNeeded(challenge=challenge, factors=enrolled)
    return await begin(user.id, ("pwd",), place, now=now)


async def sign_in_with_code(at: Accounts, challenge: str, code: str, place: Place, *, now: datetime) -> Begun:
    """Go on with an authenticator's or a recovery code. Raise ``TokenRefused``, ``WrongCredentials``; five tries."""
    step = await one_time.look_at(Purpose.SECOND_FACTOR, challenge, now=now)
    user = UUID(str(step.user))
    method = await factors.use_code(at, user, code, now=now)
    if method is None:
        await one_time.guess_wrong(challenge)
        raise WrongCredentials("the code is wrong")
    await one_time.take(Purpose.SECOND_FACTOR, challenge, now=now)
    return await begin(user, ("pwd", method, "mfa"), place, now=now)


async def begin(user: UUID, methods: tuple[str, ...], place: Place, *, now: datetime) -> Begun:
    """Begin a session in the first of the user's workspaces that can be worked in."""
    first = (
        await Membership.filter(user_id=user, tenant__state__in=[TenantState.ACTIVE, TenantState.SUSPENDED])
        .order_by("tenant__state", "created", "id")
        .first()
    )
    return await sessions.begin(user, methods, place, tenant=first.tenant_id if first else None, now=now)


async def prove(at: Accounts, session: UUID, user: UUID, *, password: str, code: str, now: datetime) -> None:
    """Let who is signed in prove once more who they are: by their code where they have one, else by their password.

    Raise ``WrongCredentials``.
    """
    row = await User.get(id=user)
    if await factors.factors_of(user):
        method = await factors.use_code(at, user, code, now=now)
        if method is None:
            raise WrongCredentials("the code is wrong")
        await sessions.prove(session, (method,), now=now)
    else:
        if not await at.passwords.verify(row.password_hash, password):
            raise WrongCredentials("the password is wrong")
        await sessions.prove(session, ("pwd",), now=now)


async def _known(email: str) -> User | None:
    try:
        return await find_user(email)
    except InvalidInput:
        return None
