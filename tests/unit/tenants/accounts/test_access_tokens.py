"""Access tokens: what is taken, and everything that is not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from tenants.accounts import access_tokens
from tenants.accounts.failures import TokenRefused
from tenants.accounts.services import Accounts
from tenants.accounts.sessions import SessionView
from tenants.control.models.house_key import KeyPurpose
from tenants.keys import Sealed
from tenants.keys.derivation import derived

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ISSUER = "https://videos.example"


def session() -> SessionView:
    """Return a session; it need not be kept anywhere."""
    return SessionView(
        id=uuid4(), user=uuid4(), tenant=None, methods=("pwd",), address="", agent="",
        created=NOW, proven=NOW, seen=NOW, expires=NOW + timedelta(days=1),
    )  # fmt: skip


async def test_a_token_names_its_session_for_ten_minutes(accounts: Accounts) -> None:
    begun = session()
    token = await access_tokens.issue(begun, keys=accounts.keys, issuer=ISSUER, now=NOW)
    for later in (timedelta(0), timedelta(minutes=10)):
        assert await access_tokens.read(token, keys=accounts.keys, issuer=ISSUER, now=NOW + later) == begun.id
    for when in (NOW + timedelta(minutes=10, seconds=6), NOW - timedelta(minutes=1)):
        with pytest.raises(TokenRefused):
            await access_tokens.read(token, keys=accounts.keys, issuer=ISSUER, now=when)
    with pytest.raises(TokenRefused):
        await access_tokens.read(token, keys=accounts.keys, issuer="https://other.example", now=NOW)


async def test_a_key_that_was_rotated_is_understood_for_its_overlap_and_a_sealed_house_reads_nothing(
    accounts: Accounts,
) -> None:
    begun = session()
    old = await access_tokens.issue(begun, keys=accounts.keys, issuer=ISSUER, now=NOW)
    await accounts.keys.rotate(KeyPurpose.TOKENS, overlap=timedelta(minutes=5), actor="test", now=NOW)
    new = await access_tokens.issue(begun, keys=accounts.keys, issuer=ISSUER, now=NOW)
    assert header_of(old)["kid"] != header_of(new)["kid"]
    later = NOW + timedelta(minutes=5)
    assert await access_tokens.read(old, keys=accounts.keys, issuer=ISSUER, now=NOW) == begun.id
    assert await access_tokens.read(new, keys=accounts.keys, issuer=ISSUER, now=later) == begun.id
    with pytest.raises(TokenRefused):
        await access_tokens.read(old, keys=accounts.keys, issuer=ISSUER, now=later)
    accounts.house.keyring.seal()
    with pytest.raises(Sealed):
        await access_tokens.read(new, keys=accounts.keys, issuer=ISSUER, now=NOW)


async def test_a_new_master_key_leaves_tokens_as_they_are(accounts: Accounts) -> None:
    begun = session()
    token = await access_tokens.issue(begun, keys=accounts.keys, issuer=ISSUER, now=NOW)
    for _ in range(2):  # the second drops the first's master key for good
        await accounts.house.rotate_master()
    fresh = type(accounts.keys)(accounts.house.keyring)
    assert await access_tokens.read(token, keys=fresh, issuer=ISSUER, now=NOW) == begun.id


def header_of(token: str) -> dict[str, Any]:
    """Return a token's header."""
    first = token.split(".")[0]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    return read


async def test_forged_and_malformed_tokens_are_refused(accounts: Accounts) -> None:
    begun = session()
    token = await access_tokens.issue(begun, keys=accounts.keys, issuer=ISSUER, now=NOW)
    head, body, signature = token.split(".")
    right = header_of(token)
    _, secret = await accounts.keys.newest(KeyPurpose.TOKENS)
    private = Ed25519PrivateKey.from_private_bytes(derived(secret, b"access-token"))
    own = OKPKey.import_key(private)
    public = private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    strange = OKPKey.import_key(Ed25519PrivateKey.generate())
    claims = {
        "iss": ISSUER,
        "aud": access_tokens.AUDIENCE,
        "sub": str(begun.user),
        "sid": str(begun.id),
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 600,
    }

    def signed(key: OKPKey, header: dict[str, Any] | None = None, **changed: Any) -> str:
        told = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        return jwt.encode({**right, **(header or {})}, told, key, algorithms=["Ed25519"])

    def encoded(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    secret_as_key = OctKey.import_key(public.public_bytes_raw())
    assert await access_tokens.read(signed(own), keys=accounts.keys, issuer=ISSUER, now=NOW) == begun.id
    forged = {
        "another's key": signed(strange),
        "none": f"{encoded({**right, 'alg': 'none'})}.{body}.",
        "NoNe": f"{encoded({**right, 'alg': 'NoNe'})}.{body}.",
        "HS256 with the public key": jwt.encode({**right, "alg": "HS256"}, claims, secret_as_key, algorithms=["HS256"]),
        "a public key of its own": f"{encoded({**right, 'jwk': strange.as_dict(private=False)})}.{body}.{signature}",
        "a jku": f"{encoded({**right, 'jku': 'https://evil.example/keys'})}.{body}.{signature}",
        "an unknown key": signed(own, {"kid": str(uuid4())}),
        "a path for a key": signed(own, {"kid": "../../key"}),
        "no key": f"{encoded({name: right[name] for name in ('alg', 'typ')})}.{body}.{signature}",
        "a critical extension": f"{encoded({**right, 'crit': ['x'], 'x': 1})}.{body}.{signature}",
        "another type": signed(own, {"typ": "JWT"}),
        "no expiry": signed(own, exp=None),
        "an expiry that is text": signed(own, exp="tomorrow"),
        "another audience": signed(own, aud="somebody-else"),
        "no audience": signed(own, aud=None),
        "no issuer": signed(own, iss=None),
        "no session": signed(own, sid=None),
        "a session that is no id": signed(own, sid="1 OR 1"),
        "from the future": signed(own, iat=int(NOW.timestamp()) + 60),
        "another body": f"{head}.{encoded({**claims, 'sid': str(uuid4())})}.{signature}",
        "no signature": f"{head}.{body}.",
        "a cut signature": token[:-4],
        "padding": f"{head}=.{body}.{signature}",
        "two parts": f"{head}.{body}",
        "five parts": f"{token}.a.b",
        "nothing": "",
        "dots": "..",
        "no text": "\udcff" + token,
        "a large one": f"{head}.{'A' * 8_000_000}.{signature}",
        "the key itself": pem.decode(),
    }
    for name, each in forged.items():
        try:
            await access_tokens.read(each, keys=accounts.keys, issuer=ISSUER, now=NOW)
        except TokenRefused:
            continue
        pytest.fail(f"{name} was taken")
