"""``/auth``: registering, signing in and out, and what is done with a token that was mailed."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr
from quart import Blueprint, request

from tenants.accounts import access_tokens, inviting, recovering, refresh_tokens, registering, sessions, signing_in
from tenants.accounts.factors import Factor
from tenants.accounts.letters import Occasion, letter
from tenants.accounts.sessions import Begun, Place, SessionView
from tenants.accounts.signing_in import SecondFactorNeeded
from tenants.control.models.membership import Role
from tenants.control.models.user import User
from webshell.api.endpoint import EVERYBODY, PERSON, Rules, endpoint
from webshell.auth.cookies import session_cookie
from webshell.auth.limiting import RateClass, limit_by
from webshell.auth.principal import is_signed_in, person, principal
from webshell.shell import shell

auth = Blueprint("auth", __name__, url_prefix="/auth")

Email = Annotated[str, Field(min_length=3, max_length=254)]
Password = Annotated[SecretStr, Field(max_length=1024)]
Token = Annotated[str, Field(min_length=1, max_length=200, description="What stands behind # in the mailed link.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Locale = Annotated[str, Field(max_length=35, description="The language to be written in, such as `fr`.")]


class NewAccount(BaseModel, extra="forbid"):
    """Who wants to register, and how their first workspace shall be called."""

    email: Email
    password: Password
    name: Name
    workspace: Name
    locale: Locale = "en"


class Mailed(BaseModel, extra="forbid"):
    """A token that was mailed."""

    token: Token


class Registered(BaseModel, from_attributes=True):
    """A new user, and their workspace."""

    user: UUID
    tenant: UUID
    slug: str


class Credentials(BaseModel, extra="forbid"):
    """Who signs in. ``tokens`` asks for tokens, for programs, in place of a cookie."""

    email: Email
    password: Password
    tokens: bool = False


class Code(BaseModel, extra="forbid"):
    """The code of an authenticator, or a recovery code, for a challenge."""

    challenge: Token
    code: Annotated[str, Field(max_length=64)]
    tokens: bool = False


class Proof(BaseModel, extra="forbid"):
    """What proves once more who somebody is: the code where they have an authenticator, else the password."""

    password: Password = SecretStr("")
    code: Annotated[str, Field(max_length=64)] = ""


class Tokens(BaseModel):
    """Tokens of a session. The refresh token is traded once, for the next ones."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: Annotated[int, Field(description="Seconds.")]
    refresh_token: str


class SignedIn(BaseModel):
    """A session that began. ``tokens`` is null where a cookie holds it."""

    session: UUID
    user: UUID
    tenant: UUID | None
    tokens: Tokens | None

    @classmethod
    async def with_tokens(cls, session: SessionView, refresh: str, now: datetime) -> Self:
        """Return a session with its tokens."""
        at = shell().accounts
        access = await access_tokens.issue(session, keys=at.keys, issuer=at.url, now=now)
        lifetime = int(access_tokens.LIFETIME.total_seconds())
        tokens = Tokens(access_token=access, expires_in=lifetime, refresh_token=refresh)
        return cls(session=session.id, user=session.user, tenant=session.tenant, tokens=tokens)


class Challenge(BaseModel):
    """A second factor is needed: send the challenge back with a code, within ten minutes."""

    challenge: str
    factors: list[Factor]


class Refresh(BaseModel, extra="forbid"):
    """A refresh token."""

    refresh_token: Annotated[str, Field(max_length=200)]


class Address(BaseModel, extra="forbid"):
    """Somebody's address."""

    email: Email
    locale: Locale = "en"


class NewPassword(BaseModel, extra="forbid"):
    """A new password, for a token that was mailed."""

    token: Token
    password: Password


class InvitationShown(BaseModel, from_attributes=True):
    """What an invitation says. ``is_known``: they have an account by that address, and are to sign in."""

    workspace: str
    email: str
    role: Role
    is_known: bool


class Acceptance(BaseModel, extra="forbid"):
    """Accepting an invitation. Name and password are for who has no account."""

    token: Token
    name: Annotated[str, Field(max_length=200)] = ""
    password: Password = SecretStr("")


_TOLD = Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={204: None})


@endpoint(
    auth, "/register", "POST", Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={204: None}, problems=(403,)),
    body=NewAccount,
)  # fmt: skip
async def register(data: NewAccount) -> None:
    """Ask for an account. What to do next is mailed, whether the address is known here or not."""
    await _limit_account(data.email)
    await registering.register(
        shell().accounts,
        email=data.email,
        password=data.password.get_secret_value(),
        name=data.name,
        workspace=data.workspace,
        locale=data.locale,
        now=_now(),
    )


@endpoint(
    auth,
    "/confirm",
    "POST",
    Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={201: Registered}, problems=(401, 409)),
    body=Mailed,
)
async def confirm_registration(data: Mailed) -> Registered:
    """Confirm the address that a registration was mailed to: now there is a user, with a workspace."""
    return Registered.model_validate(await registering.confirm(shell().accounts, data.token, now=_now()))


_SIGNING_IN = Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={200: SignedIn, 202: Challenge}, problems=(401,))


@endpoint(auth, "/login", "POST", _SIGNING_IN, body=Credentials)
async def sign_in(data: Credentials) -> Challenge | SignedIn | tuple[SignedIn, dict[str, str]]:
    """Sign in with a password. 202 says that a second factor is needed."""
    await _limit_account(data.email)
    found = await signing_in.sign_in(
        shell().accounts, data.email, data.password.get_secret_value(), place(), now=_now()
    )
    if isinstance(found, SecondFactorNeeded):
        return Challenge(challenge=found.challenge, factors=list(found.factors))
    return await signed_in(found, tokens=data.tokens)


@endpoint(
    auth,
    "/second-factor",
    "POST",
    Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={200: SignedIn}, problems=(401,)),
    body=Code,
)
async def send_code(data: Code) -> SignedIn | tuple[SignedIn, dict[str, str]]:
    """Go on signing in, with a code. A challenge takes five wrong ones."""
    found = await signing_in.sign_in_with_code(shell().accounts, data.challenge, data.code, place(), now=_now())
    return await signed_in(found, tokens=data.tokens)


@endpoint(
    auth,
    "/refresh",
    "POST",
    Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={200: SignedIn}, problems=(401,)),
    body=Refresh,
)
async def refresh(data: Refresh) -> SignedIn:
    """Trade a refresh token for new tokens. One that was traded before ends the session."""
    at, now = shell().accounts, _now()
    try:
        session, successor = await refresh_tokens.trade(data.refresh_token, keys=at.keys, now=now)
    except refresh_tokens.Reused as err:
        user = await User.get(id=err.user)
        await at.mailer.send(letter(Occasion.STOLEN, user.email, user.locale))
        raise
    return await SignedIn.with_tokens(session, successor, now)


@endpoint(auth, "/logout", "POST", Rules(needs=PERSON, rate=RateClass.WRITE, gives={204: None}))
async def sign_out() -> tuple[None, dict[str, str]]:
    """End the session."""
    await sessions.revoke(person(), principal().user, now=_now())
    return None, {"Set-Cookie": session_cookie("")}


@endpoint(auth, "/prove", "POST", Rules(needs=PERSON, rate=RateClass.GUESS, gives={204: None}), body=Proof)
async def prove(data: Proof) -> None:
    """Prove once more who you are: needed for secrets, export, billing and deletion; it lasts five minutes."""
    await signing_in.prove(
        shell().accounts,
        person(),
        principal().user,
        password=data.password.get_secret_value(),
        code=data.code,
        now=_now(),
    )


@endpoint(auth, "/forgot-password", "POST", _TOLD, body=Address)
async def forget_password(data: Address) -> None:
    """Ask for a new password. How to choose one is mailed, if the address is known here."""
    await _limit_account(data.email)
    await recovering.forgot_password(shell().accounts, data.email, locale=data.locale, now=_now())


@endpoint(
    auth, "/reset-password", "POST", Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={204: None}, problems=(401,)),
    body=NewPassword,
)  # fmt: skip
async def reset_password(data: NewPassword) -> None:
    """Choose a new password, with the token that was mailed. All sessions end."""
    await recovering.reset_password(shell().accounts, data.token, data.password.get_secret_value(), now=_now())


@endpoint(
    auth,
    "/confirm-email",
    "POST",
    Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={204: None}, problems=(401, 409)),
    body=Mailed,
)
async def confirm_email(data: Mailed) -> None:
    """Confirm an account's new address."""
    await recovering.confirm_email(shell().accounts, data.token, now=_now())


@endpoint(
    auth, "/invitation", "POST",
    Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={200: InvitationShown}, problems=(401,)), body=Mailed,
)  # fmt: skip
async def show_invitation(data: Mailed) -> InvitationShown:
    """Show what an invitation says."""
    return InvitationShown.model_validate(await inviting.look_at(data.token, now=_now()))


@endpoint(
    auth, "/join", "POST",
    Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={204: None}, problems=(401, 404, 409)), body=Acceptance,
)  # fmt: skip
async def accept_invitation(data: Acceptance) -> None:
    """Accept an invitation: signed in, or with a new account by the address that was invited."""
    who = principal().user if is_signed_in() else None
    await inviting.accept(
        shell().accounts, data.token, user=who, name=data.name, password=data.password.get_secret_value(), now=_now()
    )


def place() -> Place:
    """Return where the running request comes from."""
    return Place(address=request.remote_addr or "", agent=request.headers.get("User-Agent", ""))


async def signed_in(begun: Begun, *, tokens: bool) -> SignedIn | tuple[SignedIn, dict[str, str]]:
    """Return the answer for a session that began: its tokens, or its cookie."""
    session, now = begun.session, _now()
    if tokens:
        return await SignedIn.with_tokens(session, await refresh_tokens.give(session.id, now=now), now)
    shown = SignedIn(session=session.id, user=session.user, tenant=session.tenant, tokens=None)
    return shown, {"Set-Cookie": session_cookie(begun.secret)}


async def _limit_account(email: str) -> None:
    """Count one for an account, wherever it is asked from: many addresses shall not guess at one password."""
    await limit_by(f"account:{email.strip().lower()[:180]}", RateClass.GUESS, _now())


def _now() -> datetime:
    return datetime.now(UTC)
