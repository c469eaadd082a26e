"""``/passkeys``: keeping passkeys, and signing in with one."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint

from tenants.accounts import passkeys as kept
from tenants.control.models.user import User
from webshell.api.auth import SignedIn, Token, place, signed_in
from webshell.api.endpoint import EVERYBODY, PERSON, Rules, endpoint
from webshell.auth.limiting import RateClass
from webshell.auth.principal import person, principal
from webshell.shell import shell

passkeys = Blueprint("passkeys", __name__, url_prefix="/passkeys")


class Ceremony(BaseModel, from_attributes=True):
    """What the browser is asked: ``options`` for ``navigator.credentials``, to be answered within five minutes."""

    challenge: str
    options: dict[str, Any]


class Passkey(BaseModel, from_attributes=True):
    """A passkey."""

    id: UUID
    name: str
    created: datetime
    last_used: datetime | None


class Passkeys(BaseModel):
    """One's passkeys."""

    items: list[Passkey]


class Answered(BaseModel, extra="forbid"):
    """What the browser answered, as ``PublicKeyCredential.toJSON`` gives it."""

    challenge: Token
    credential: dict[str, Any]


class NewPasskey(Answered):
    """A passkey to keep."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class SigningIn(Answered):
    """A passkey to sign in with. ``tokens`` asks for tokens, for programs, in place of a cookie."""

    tokens: bool = False


@endpoint(passkeys, "", "GET", Rules(needs=PERSON, gives={200: Passkeys}))
async def list_passkeys() -> Passkeys:
    """List one's passkeys."""
    return Passkeys(items=[Passkey.model_validate(each) for each in await kept.passkeys_of(principal().user)])


@endpoint(
    passkeys,
    "/new",
    "POST",
    Rules(needs=PERSON, fresh=True, gives={200: Ceremony}, rate=RateClass.WRITE, problems=(409,)),
)
async def begin_passkey() -> Ceremony:
    """Ask the browser for a new passkey."""
    user = await User.get(id=principal().user)
    return Ceremony.model_validate(await kept.begin_adding(shell().accounts, user, now=_now()))


@endpoint(
    passkeys,
    "",
    "POST",
    Rules(needs=PERSON, fresh=True, gives={201: Passkey}, rate=RateClass.WRITE, problems=(409,)),
    body=NewPasskey,
)
async def add_passkey(data: NewPasskey) -> Passkey:
    """Keep the passkey that the browser made."""
    made = await kept.finish_adding(
        shell().accounts, principal().user, data.challenge, data.credential, data.name, now=_now()
    )
    return Passkey.model_validate(made)


@endpoint(
    passkeys,
    "/<uuid:passkey_id>",
    "DELETE",
    Rules(needs=PERSON, fresh=True, gives={204: None}, rate=RateClass.WRITE, problems=(404,)),
)
async def remove_passkey(passkey_id: UUID) -> None:
    """Forget a passkey."""
    await kept.remove(passkey_id, principal().user)


@endpoint(passkeys, "/challenge", "POST", Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={200: Ceremony}))
async def challenge_passkey() -> Ceremony:
    """Ask the browser for a passkey, to sign in or to prove who one is."""
    return Ceremony.model_validate(await kept.begin_signing_in(shell().accounts, now=_now()))


@endpoint(
    passkeys,
    "/login",
    "POST",
    Rules(needs=EVERYBODY, rate=RateClass.GUESS, gives={200: SignedIn}, problems=(401,)),
    body=SigningIn,
)
async def sign_in_with_passkey(data: SigningIn) -> SignedIn | tuple[SignedIn, dict[str, str]]:
    """Sign in with a passkey; no other factor is asked for."""
    begun = await kept.sign_in(shell().accounts, data.challenge, data.credential, place(), now=_now())
    return await signed_in(begun, tokens=data.tokens)


@endpoint(passkeys, "/prove", "POST", Rules(needs=PERSON, rate=RateClass.GUESS, gives={204: None}), body=Answered)
async def prove_with_passkey(data: Answered) -> None:
    """Prove once more who you are, with a passkey."""
    await kept.prove(shell().accounts, person(), principal().user, data.challenge, data.credential, now=_now())


def _now() -> datetime:
    return datetime.now(UTC)
