"""Passkeys (WebAuthn, level 3): signing in with what a device holds, and unlocks for its owner: two factors in one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from tortoise.exceptions import IntegrityError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRequestOptions,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.api import InvalidInput, NotFound
from tenants.accounts import one_time, sessions, signing_in
from tenants.accounts.failures import SecondFactorRefused, TokenRefused, WrongCredentials
from tenants.accounts.services import Accounts
from tenants.accounts.sessions import Begun, Place
from tenants.control.audit import audited, record
from tenants.control.models.factor import Passkey
from tenants.control.models.one_time_token import Purpose
from tenants.control.models.user import User, UserState

MOST = 20
_LONGEST_NAME = 1400
"""Characters of a credential's id: 1023 bytes (WebAuthn, 4), spelled in base64url."""
_METHODS = ("hwk", "user", "mfa")
"""What signing in so is called (RFC 8176): a key in hardware or software, whose owner was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """What the browser is asked: ``options`` for ``navigator.credentials``. ``challenge`` goes back with its answer."""

    challenge: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    """A passkey of a user."""

    id: UUID
    name: str
    created: datetime
    last_used: datetime | None


async def begin_adding(at: Accounts, user: User, *, now: datetime) -> Ceremony:
    """Ask the browser for a new passkey. Raise ``SecondFactorRefused`` where there are enough."""
    held = await Passkey.filter(user_id=user.id)
    if len(held) >= MOST:
        raise SecondFactorRefused(f"there are {MOST} passkeys already", hint="Remove one first.")
    options = webauthn.generate_registration_options(
        rp_id=_party(at),
        rp_name="Reelhouse",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential)) for each in held],
    )
    return await _ceremony(options, user.id, now)


async def finish_adding(
    at: Accounts, user: UUID, challenge: str, credential: Mapping[str, Any], name: str, *, now: datetime
) -> PasskeyView:
    """Keep a new passkey.

    Raise ``TokenRefused``, ``WrongCredentials``, ``SecondFactorRefused`` for one that is kept already.
    """
    if not 0 < len(name.strip()) <= 100:
        raise InvalidInput("must have 1 to 100 characters", path="name")
    step = await one_time.take(Purpose.PASSKEY, challenge, now=now)
    if step.user != user:
        raise TokenRefused
    try:
        found = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(step.details["challenge"]),
            expected_rp_id=_party(at),
            expected_origin=at.url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as err:
        raise WrongCredentials("this passkey can't be taken") from err
    row = Passkey(
        user_id=user,
        name=name.strip(),
        credential=bytes_to_base64url(found.credential_id),
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        created=now,
    )
    async with audited(f"user:{user}", "factor.add", f"user:{user}", kind="passkey"):
        try:
            await row.save(force_create=True)
        except IntegrityError as err:
            raise SecondFactorRefused("this passkey is kept already") from err
    return _view(row)


async def passkeys_of(user: UUID) -> list[PasskeyView]:
    """Return a user's passkeys, the oldest first."""
    return [_view(row) for row in await Passkey.filter(user_id=user).order_by("created", "id")]


async def remove(passkey: UUID, user: UUID) -> None:
    """Forget a passkey; raise ``NotFound`` for another's."""
    async with audited(f"user:{user}", "factor.remove", f"user:{user}", kind="passkey"):
        if not await Passkey.filter(id=passkey, user_id=user).delete():
            raise NotFound(f"there is no passkey {passkey}")


async def begin_signing_in(at: Accounts, *, now: datetime) -> Ceremony:
    """Ask the browser for any passkey of this house."""
    options = webauthn.generate_authentication_options(
        rp_id=_party(at), user_verification=UserVerificationRequirement.REQUIRED
    )
    return await _ceremony(options, None, now)


async def sign_in(at: Accounts, challenge: str, credential: Mapping[str, Any], place: Place, *, now: datetime) -> Begun:
    """Begin a session with a passkey. Raise ``TokenRefused``, ``WrongCredentials``, whatever is wrong."""
    row = await _proven(at, challenge, credential, None, now)
    return await signing_in.begin(row.user_id, _METHODS, place, now=now)


async def prove(
    at: Accounts, session: UUID, user: UUID, challenge: str, credential: Mapping[str, Any], *, now: datetime
) -> None:
    """Let who is signed in prove once more who they are. Raise ``TokenRefused``, ``WrongCredentials``."""
    await _proven(at, challenge, credential, user, now)
    await sessions.prove(session, _METHODS, now=now)


async def _proven(
    at: Accounts, challenge: str, credential: Mapping[str, Any], user: UUID | None, now: datetime
) -> Passkey:
    """Return the passkey whose holder answered; of ``user``, where that is given."""
    step = await one_time.take(Purpose.PASSKEY, challenge, now=now)
    named = credential.get("id")
    is_name = isinstance(named, str) and len(named) <= _LONGEST_NAME
    row = await Passkey.get_or_none(credential=named, user__state=UserState.ACTIVE) if is_name else None
    if row is None or step.user is not None or (user is not None and row.user_id != user):
        raise WrongCredentials("this passkey is not known here")
    try:
        found = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(step.details["challenge"]),
            expected_rp_id=_party(at),
            expected_origin=at.url,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as err:
        await record("anonymous", "session.refuse", f"user:{row.user_id}")
        raise WrongCredentials("this passkey is not known here") from err
    await Passkey.filter(id=row.id).update(sign_count=found.new_sign_count, last_used=now)
    return row


async def _ceremony(
    options: PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions, user: UUID | None, now: datetime
) -> Ceremony:
    secret = await one_time.give(Purpose.PASSKEY, user=user, now=now, challenge=bytes_to_base64url(options.challenge))
    return Ceremony(challenge=secret, options=json.loads(webauthn.options_to_json(options)))


def _party(at: Accounts) -> str:
    return urlsplit(at.url).hostname or "localhost"


def _view(row: Passkey) -> PasskeyView:
    return PasskeyView(id=row.id, name=row.name, created=row.created, last_used=row.last_used)
