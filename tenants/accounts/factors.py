"""Second factors: an authenticator's codes (TOTP, RFC 6238), and ten recovery codes for when it is lost."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pyotp
from tortoise.transactions import in_transaction

from tenants.accounts.failures import SecondFactorRefused, WrongCredentials
from tenants.accounts.sealed_fields import seal, unseal
from tenants.accounts.secrets import digest_of
from tenants.accounts.services import Accounts
from tenants.control.audit import audited
from tenants.control.database import ALIAS
from tenants.control.models.factor import RecoveryCode, TotpFactor
from tenants.control.models.user import User

RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody takes for one another; 17 of them are 84 bits."""
_CODE_LENGTH = 17
_STEP_S = 30
_DIGITS = 6
_DRIFT = 1
"""Steps that a clock may be off."""


class Factor(StrEnum):
    """What a user may prove themselves by, beside the password."""

    TOTP = "totp"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A new authenticator's seed, as its owner types or scans it (``otpauth://``)."""

    seed: str = field(repr=False)
    uri: str = field(repr=False)


async def factors_of(user: UUID) -> tuple[Factor, ...]:
    """Return what a user has beside the password; nothing before an authenticator has proven itself."""
    if not await TotpFactor.exists(user_id=user, confirmed__not_isnull=True):
        return ()
    return (Factor.TOTP, Factor.RECOVERY) if await recovery_codes_left(user) else (Factor.TOTP,)


async def recovery_codes_left(user: UUID) -> int:
    """Return how many recovery codes were not used."""
    return await RecoveryCode.filter(user_id=user, used=None).count()


async def begin_enrolment(at: Accounts, user: User, *, now: datetime) -> Enrolment:
    """Make a seed; it counts once a code of it was right.

    Raise ``SecondFactorRefused`` where there is an authenticator, ``Sealed``.
    """
    row = TotpFactor(id=uuid4(), user_id=user.id, created=now)
    seed = pyotp.random_base32()
    row.seed = await seal(at, seed.encode(), table="totp_factors", row=row.id)
    async with in_transaction(ALIAS):
        await User.select_for_update().get(id=user.id)
        await TotpFactor.filter(user_id=user.id, confirmed=None).delete()
        if await TotpFactor.exists(user_id=user.id):
            raise SecondFactorRefused("there is an authenticator already", hint="Remove it first.")
        await row.save(force_create=True)
    host = urlsplit(at.url).hostname or "localhost"
    uri = pyotp.TOTP(seed).provisioning_uri(name=user.email, issuer_name=f"Reelhouse ({host})")
    return Enrolment(seed=seed, uri=uri)


async def confirm_enrolment(at: Accounts, user: UUID, code: str, *, now: datetime) -> list[str]:
    """Take the authenticator into use, with its first code; return new recovery codes, told this once.

    Raise ``WrongCredentials``, ``SecondFactorRefused`` where there is nothing to confirm.
    """
    row = await TotpFactor.get_or_none(user_id=user, confirmed=None)
    if row is None:
        raise SecondFactorRefused("there is no authenticator to confirm")
    async with audited(f"user:{user}", "factor.add", f"user:{user}", kind=Factor.TOTP):
        if not await _use_totp(at, row, code, now):
            raise WrongCredentials("the code is wrong")
        await TotpFactor.filter(id=row.id).update(confirmed=now)
        return await _new_recovery_codes(user)


async def remove_authenticator(user: UUID) -> None:
    """Remove a user's authenticator and their recovery codes. Raise ``SecondFactorRefused`` where there is none."""
    async with audited(f"user:{user}", "factor.remove", f"user:{user}", kind=Factor.TOTP):
        if not await TotpFactor.filter(user_id=user, confirmed__not_isnull=True).delete():
            raise SecondFactorRefused("there is no authenticator")
        await RecoveryCode.filter(user_id=user).delete()


async def replace_recovery_codes(user: UUID) -> list[str]:
    """Return ten new codes, told this once; the former are void.

    Raise ``SecondFactorRefused`` without an authenticator.
    """
    async with audited(f"user:{user}", "factor.recovery", f"user:{user}"):
        if not await factors_of(user):
            raise SecondFactorRefused("there is no authenticator to recover")
        return await _new_recovery_codes(user)


async def use_code(at: Accounts, user: UUID, code: str, *, now: datetime) -> str | None:
    """Use a code, of either kind; return what that method is called (RFC 8176), None for a wrong or used code.

    Raise ``Sealed``.
    """
    bare = "".join(code.split()).replace("-", "").lower()
    if len(bare) == _DIGITS and bare.isascii() and bare.isdigit():
        row = await TotpFactor.get_or_none(user_id=user, confirmed__not_isnull=True)
        return "otp" if row is not None and await _use_totp(at, row, bare, now) else None
    unused = RecoveryCode.filter(user_id=user, digest=digest_of(bare), used=None)
    return "kba" if await unused.update(used=now) else None


async def _use_totp(at: Accounts, row: TotpFactor, code: str, now: datetime) -> bool:
    """Tell whether a code is right and of no step that was used; of several at once one is."""
    seed = await unseal(at, bytes(row.seed), table="totp_factors", row=row.id)
    totp = pyotp.TOTP(seed.decode(), digits=_DIGITS, interval=_STEP_S)
    present = int(now.timestamp()) // _STEP_S
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), code):
            return bool(await TotpFactor.filter(id=row.id, last_step__lt=step).update(last_step=step))
    return False


async def _new_recovery_codes(user: UUID) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    await RecoveryCode.filter(user_id=user).delete()
    await RecoveryCode.bulk_create([RecoveryCode(user_id=user, digest=digest_of(code)) for code in codes])
    return [f"{code[:6]}-{code[6:12]}-{code[12:]}" for code in codes]
