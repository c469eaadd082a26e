"""``/me``: who is signed in, their workspaces, sessions, factors and API tokens."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field
from quart import Blueprint

from core.api import NotFound
from tenants.accounts import api_tokens, factors, recovering, registering, sessions
from tenants.accounts.factors import Factor
from tenants.accounts.letters import LOCALES
from tenants.control.memberships import role_of
from tenants.control.models.membership import Membership, Role
from tenants.control.models.tenant import TenantState
from tenants.control.models.user import HouseRole, User
from tenants.control.roles import Permission
from webshell.api.auth import Email, Name, Password
from webshell.api.endpoint import ANYBODY, PERSON, Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import person, principal, tenant
from webshell.shell import shell

me = Blueprint("me", __name__, url_prefix="/me")

_OVERLAP = timedelta(hours=24)
"""How long a token that was rolled goes on."""


class Membered(BaseModel):
    """A workspace that one belongs to."""

    id: UUID
    slug: str
    name: str
    state: TenantState
    role: Role


class Me(BaseModel):
    """Who is signed in. ``tenant`` is the workspace that they work in now, ``permissions`` what they may there."""

    id: UUID
    email: str
    name: str
    locale: str
    house_role: HouseRole | None
    tenant: UUID | None
    permissions: list[str]
    workspaces: list[Membered]
    factors: list[Factor]
    recovery_codes_left: int
    proven: datetime | None


class MyChange(BaseModel, extra="forbid"):
    """What to change; what is not named stays."""

    name: Name | None = None
    locale: Annotated[str | None, Field(pattern="^(" + "|".join(LOCALES) + ")$")] = None


class PasswordChange(BaseModel, extra="forbid"):
    """The current password, and the one that shall replace it."""

    current: Password
    password: Password


class NewEmail(BaseModel, extra="forbid"):
    """An address that shall replace one's own."""

    email: Email


class Chosen(BaseModel, extra="forbid"):
    """The workspace to work in."""

    tenant: UUID


class NewMine(BaseModel, extra="forbid"):
    """A workspace of one's own."""

    name: Name


class Session(BaseModel, from_attributes=True):
    """A place where one is signed in. ``is_this``: the request came from there."""

    id: UUID
    methods: list[str]
    address: str
    agent: str
    created: datetime
    proven: datetime
    seen: datetime
    expires: datetime
    is_this: bool = False


class Sessions(BaseModel):
    """The places where one is signed in."""

    items: list[Session]


class ApiToken(BaseModel, from_attributes=True):
    """An API token, without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    networks: list[str]
    created: datetime
    expires: datetime
    last_used: datetime | None
    revoked: datetime | None


class ApiTokens(BaseModel):
    """The API tokens that one has in this workspace."""

    items: list[ApiToken]


class NewApiToken(BaseModel, extra="forbid"):
    """A token to make. It can never do more than its owner."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=20, description="Permissions.")]
    networks: Annotated[list[str], Field(max_length=20, description="In CIDR form; empty for anywhere.")] = []
    expires: AwareDatetime


class MadeApiToken(ApiToken):
    """A token that was just made; ``secret`` is shown this once."""

    secret: str

    @classmethod
    def of(cls, made: api_tokens.NewToken) -> "MadeApiToken":
        """Return what is shown of it."""
        return cls(**ApiToken.model_validate(made.view).model_dump(), secret=made.secret)


class Authenticator(BaseModel):
    """The seed of a new authenticator; ``uri`` is what its picture holds."""

    seed: str
    uri: str


class FirstCode(BaseModel, extra="forbid"):
    """A code of the new authenticator."""

    code: Annotated[str, Field(max_length=64)]


class RecoveryCodes(BaseModel):
    """Codes that stand in once each for a lost authenticator; shown this once."""

    codes: list[str]


_MINE = Rules(needs=PERSON, gives={200: Me}, rate=RateClass.WRITE)


@endpoint(me, "", "GET", Rules(needs=ANYBODY, gives={200: Me}))
async def show_me() -> Me:
    """Show who is signed in."""
    who = principal()
    user = await User.get(id=who.user)
    members = await Membership.filter(user_id=who.user).order_by("created", "id").select_related("tenant")
    return Me(
        id=user.id,
        email=user.email,
        name=user.name,
        locale=user.locale,
        house_role=user.house_role,
        tenant=who.tenant,
        permissions=sorted(who.permissions),
        workspaces=[
            Membered(
                id=each.tenant_id, slug=each.tenant.slug, name=each.tenant.name, state=each.tenant.state, role=each.role
            )
            for each in members
            if each.tenant.state is not TenantState.ERASED
        ],
        factors=list(await factors.factors_of(user.id)),
        recovery_codes_left=await factors.recovery_codes_left(user.id),
        proven=who.proven,
    )


@endpoint(me, "", "PATCH", _MINE, body=MyChange)
async def change_me(data: MyChange) -> Me:
    """Change one's name or language."""
    changed = data.model_dump(exclude_none=True)
    if changed:
        await User.filter(id=principal().user).update(**changed)
    return await show_me()


@endpoint(me, "/password", "PUT", Rules(needs=PERSON, gives={204: None}, rate=RateClass.GUESS), body=PasswordChange)
async def change_password(data: PasswordChange) -> None:
    """Change one's password; all other sessions end."""
    await recovering.change_password(
        shell().accounts,
        principal().user,
        current=data.current.get_secret_value(),
        password=data.password.get_secret_value(),
        session=person(),
        now=_now(),
    )


@endpoint(me, "/email", "PUT", Rules(needs=PERSON, fresh=True, gives={204: None}, rate=RateClass.GUESS), body=NewEmail)
async def change_email(data: NewEmail) -> None:
    """Ask for another address: what confirms it is mailed there."""
    await recovering.ask_for_email(shell().accounts, principal().user, data.email, now=_now())


@endpoint(
    me, "/tenant", "PUT", Rules(needs=PERSON, gives={200: Me}, rate=RateClass.WRITE, problems=(404,)), body=Chosen
)
async def enter_tenant(data: Chosen) -> Me:
    """Work in another of one's workspaces, in this session; the permissions shown count from the next request on."""
    if await role_of(data.tenant, principal().user) is None:
        raise NotFound(f"there is no workspace {data.tenant}")
    await sessions.enter(person(), data.tenant)
    return (await show_me()).model_copy(update={"tenant": data.tenant})


@endpoint(
    me,
    "/workspaces",
    "POST",
    Rules(needs=PERSON, gives={201: Membered}, rate=RateClass.WRITE, problems=(409,)),
    body=NewMine,
)
async def open_workspace(data: NewMine) -> Membered:
    """Open another workspace, as its owner."""
    made = await registering.open_workspace(shell().accounts, await User.get(id=principal().user), data.name)
    return Membered(id=made.id, slug=made.slug, name=made.name, state=made.state, role=Role.OWNER)


@endpoint(me, "/sessions", "GET", Rules(needs=PERSON, gives={200: Sessions}))
async def list_sessions() -> Sessions:
    """List where one is signed in, the last used first."""
    found = [Session.model_validate(each) for each in await sessions.sessions_of(principal().user, now=_now())]
    return Sessions(items=[each.model_copy(update={"is_this": each.id == person()}) for each in found])


@endpoint(me, "/sessions", "DELETE", Rules(needs=PERSON, gives={204: None}, rate=RateClass.WRITE))
async def end_other_sessions() -> None:
    """End all sessions but this one."""
    who = principal()
    await sessions.revoke_all(who.user, except_for=who.session, actor=who.actor, now=_now())


@endpoint(
    me,
    "/sessions/<uuid:session_id>",
    "DELETE",
    Rules(needs=PERSON, gives={204: None}, rate=RateClass.WRITE, problems=(404,)),
)
async def end_session(session_id: UUID) -> None:
    """End one session."""
    await sessions.revoke(session_id, principal().user, now=_now())


@endpoint(me, "/tokens", "GET", Rules(needs=Permission.READ, gives={200: ApiTokens}))
async def list_api_tokens() -> ApiTokens:
    """List one's API tokens in this workspace, the newest first."""
    found = await api_tokens.tokens_of(principal().user, tenant())
    return ApiTokens(items=[ApiToken.model_validate(each) for each in found])


@endpoint(
    me,
    "/tokens",
    "POST",
    Rules(needs=Permission.READ, fresh=True, gives={201: MadeApiToken}, rate=RateClass.WRITE),
    body=NewApiToken,
)
async def make_api_token(data: NewApiToken) -> MadeApiToken:
    """Make an API token for this workspace."""
    made = await api_tokens.create(
        principal().user,
        tenant(),
        data.name,
        scopes=data.scopes,
        networks=data.networks,
        expires=data.expires,
        now=_now(),
    )
    return MadeApiToken.of(made)


@endpoint(
    me,
    "/tokens/<uuid:token_id>/roll",
    "POST",
    Rules(needs=Permission.READ, fresh=True, gives={201: MadeApiToken}, rate=RateClass.WRITE, problems=(404,)),
)
async def roll_api_token(token_id: UUID) -> MadeApiToken:
    """Make a token like another, which goes on for a day."""
    return MadeApiToken.of(await api_tokens.roll(token_id, principal().user, tenant(), overlap=_OVERLAP, now=_now()))


@endpoint(
    me,
    "/tokens/<uuid:token_id>",
    "DELETE",
    Rules(needs=Permission.READ, gives={204: None}, rate=RateClass.WRITE, problems=(404,)),
)
async def revoke_api_token(token_id: UUID) -> None:
    """End an API token."""
    await api_tokens.revoke(token_id, principal().user, tenant(), now=_now())


@endpoint(
    me,
    "/authenticator",
    "POST",
    Rules(needs=PERSON, fresh=True, gives={201: Authenticator}, rate=RateClass.WRITE, problems=(409,)),
)
async def begin_authenticator() -> Authenticator:
    """Make the seed of an authenticator; it counts once its first code was sent."""
    made = await factors.begin_enrolment(shell().accounts, await User.get(id=principal().user), now=_now())
    return Authenticator(seed=made.seed, uri=made.uri)


@endpoint(
    me,
    "/authenticator",
    "PUT",
    Rules(needs=PERSON, gives={200: RecoveryCodes}, rate=RateClass.GUESS, problems=(409,)),
    body=FirstCode,
)
async def confirm_authenticator(data: FirstCode) -> RecoveryCodes:
    """Take the authenticator into use, with its first code."""
    codes = await factors.confirm_enrolment(shell().accounts, principal().user, data.code, now=_now())
    return RecoveryCodes(codes=codes)


@endpoint(
    me,
    "/authenticator",
    "DELETE",
    Rules(needs=PERSON, fresh=True, gives={204: None}, rate=RateClass.WRITE, problems=(409,)),
)
async def remove_authenticator() -> None:
    """Remove the authenticator and the recovery codes."""
    await factors.remove_authenticator(principal().user)


@endpoint(
    me,
    "/recovery-codes",
    "POST",
    Rules(needs=PERSON, fresh=True, gives={201: RecoveryCodes}, rate=RateClass.WRITE, problems=(409,)),
)
async def replace_recovery_codes() -> RecoveryCodes:
    """Make new recovery codes; the former are void."""
    return RecoveryCodes(codes=await factors.replace_recovery_codes(principal().user))


def _now() -> datetime:
    return datetime.now(UTC)
