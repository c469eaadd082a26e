"""Signing in to Openverse: a client's id and secret are changed for a token that holds for hours.

https://api.openverse.org/v1/#tag/auth (OAuth 2.0, client credentials)
"""

import hashlib
import time
from urllib.parse import urlencode

from core.api import HttpClient, NotReady, check_answer
from plugins.providers.answers import Read

_EARLY_S = 60
_known: dict[bytes, tuple[str, float]] = {}
"""Tokens by a digest of what they were given for, with the moment (of ``time.monotonic``) at which they are over."""


class _Token(Read):
    access_token: str
    expires_in: float
    token_type: str = "Bearer"  # noqa: S105


async def bearer(http: HttpClient, at: str, client: str, secret: str) -> str:
    """Return the value of the header that signs in. Raise ``AuthFailed`` where the client is refused."""
    known_as = hashlib.sha256(f"{at}\0{client}\0{secret}".encode()).digest()
    token, over = _known.get(known_as, ("", 0.0))
    if over <= time.monotonic():
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        answer = await http.request(
            "POST",
            f"{at}/v1/auth_tokens/token/",
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
        )
        check_answer(answer, service="Openverse", secrets=(client, secret))
        try:
            given = _Token.model_validate_json(answer.body)
        except ValueError as err:
            raise NotReady("Openverse answered with what can't be understood") from err
        token = given.access_token
        _known[known_as] = token, time.monotonic() + given.expires_in - _EARLY_S
    return f"Bearer {token}"
