"""Access tokens: JWTs (RFC 9068) of ten minutes that name a session, signed with EdDSA (Ed25519, RFC 9864).

Who verifies them looks the session up too, so that what is revoked is over at the next request.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import extract_compact

from tenants.accounts.failures import TokenRefused
from tenants.accounts.sessions import SessionView
from tenants.control.models.house_key import KeyPurpose
from tenants.house.house_keys import HouseKeys
from tenants.keys.derivation import derived

LIFETIME = timedelta(minutes=10)
AUDIENCE = "reelhouse-api"
_ALGORITHM = "Ed25519"
_TYPE = "at+jwt"
_LONGEST = 2048
_LEEWAY_S = 5


async def issue(session: SessionView, *, keys: HouseKeys, issuer: str, now: datetime) -> str:
    """Return an access token for a session. Raise ``Sealed``."""
    key_id, secret = await keys.newest(KeyPurpose.TOKENS)
    begun = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": str(session.user),
        "sid": str(session.id),
        "jti": str(uuid4()),
        "iat": begun,
        "exp": begun + int(LIFETIME.total_seconds()),
    }
    header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": str(key_id)}
    return jwt.encode(header, claims, _key(secret), algorithms=[_ALGORITHM])


async def read(token: str, *, keys: HouseKeys, issuer: str, now: datetime) -> UUID:
    """Return the session that a token names, which may have ended. Raise ``TokenRefused``, ``Sealed``."""
    if len(token) > _LONGEST or not token.isascii():
        raise TokenRefused
    try:
        header = extract_compact(token.encode()).protected
        secret = await keys.of(UUID(header["kid"]), KeyPurpose.TOKENS, now)
        if secret is None or header != {"alg": _ALGORITHM, "typ": _TYPE, "kid": header["kid"]}:
            raise TokenRefused
        read = jwt.decode(token, _key(secret), algorithms=[_ALGORITHM])
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            sid={"essential": True},
        )
        rules.validate(read.claims)
        return UUID(read.claims["sid"])
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise TokenRefused from err


def _key(secret: bytes) -> OKPKey:
    private = Ed25519PrivateKey.from_private_bytes(derived(secret, b"access-token"))
    return OKPKey.import_key(private)
