"""Passkeys over the API, with an authenticator in software."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from soft_webauthn import SoftWebauthnDevice

from tenants.control.models.factor import Passkey
from tests.support.api import Answered, Api
from tests.support.letters import letters, secret_in

ORIGIN = "http://localhost:8000"
ADA = {"email": "ada@example.com", "password": "four words will do", "name": "Ada", "workspace": "Films"}
_VERIFIED = 0x04


def text(value: bytes) -> str:
    """Return bytes as browsers spell them."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def raw(value: str) -> bytes:
    """Return what browsers spelled."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


class Device:
    """A device that holds one passkey, and asks its owner to unlock it."""

    def __init__(self, *, is_unlocked: bool = True) -> None:
        self._device = SoftWebauthnDevice()
        self._flag = _VERIFIED if is_unlocked else 0

    def create(self, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
        """Make the passkey."""
        asked = {**options, "challenge": raw(options["challenge"])}
        asked["user"] = {**options["user"], "id": raw(options["user"]["id"])}
        made = self._device.create({"publicKey": asked}, origin)
        attested = cbor.decode(made["response"]["attestationObject"])
        flags = bytearray(attested["authData"])
        flags[32] |= self._flag
        attested["authData"] = bytes(flags)
        response = {
            "clientDataJSON": text(made["response"]["clientDataJSON"]),
            "attestationObject": text(cbor.encode(attested)),
        }
        return {"id": text(made["rawId"]), "rawId": text(made["rawId"]), "type": "public-key", "response": response}

    def get(self, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
        """Answer a challenge."""
        asked = {**options, "challenge": raw(options["challenge"])}
        made = self._device.get({"publicKey": asked}, origin)["response"]
        data = bytearray(made["authenticatorData"])
        data[32] |= self._flag
        told = made["clientDataJSON"]
        signed = bytes(data) + hashlib.sha256(told).digest()
        response = {
            "clientDataJSON": text(told),
            "authenticatorData": text(bytes(data)),
            "signature": text(self._device.private_key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": text(self._device.user_handle),
        }
        named = text(self._device.credential_id)
        return {"id": named, "rawId": named, "type": "public-key", "response": response}


async def signed_in(api: Api, home: Path) -> dict[str, str]:
    """Register Ada and sign her in; return the header that goes with her requests."""
    await api.ask(None, "POST", "/auth/register", json=ADA)
    await api.ask(None, "POST", "/auth/confirm", json={"token": secret_in(letters(home)[-1])})
    sent = {"email": ADA["email"], "password": ADA["password"]}
    return {"Cookie": (await api.ask(None, "POST", "/auth/login", json=sent)).headers["set-cookie"].partition(";")[0]}


async def added(api: Api, device: Device, header: dict[str, str], origin: str = ORIGIN) -> Answered:
    """Add a device's passkey."""
    asked = (await api.ask(None, "POST", "/passkeys/new", headers=header)).json
    credential = device.create(asked["options"], origin)
    sent = {"challenge": asked["challenge"], "credential": credential, "name": "Laptop"}
    return await api.ask(None, "POST", "/passkeys", json=sent, headers=header)


async def challenged(api: Api, device: Device, path: str = "login", origin: str = ORIGIN, **sent: Any) -> Answered:
    """Sign in with a device's passkey."""
    asked = (await api.ask(None, "POST", "/passkeys/challenge")).json
    body = {"challenge": asked["challenge"], "credential": device.get(asked["options"], origin), **sent.pop("body", {})}
    return await api.ask(None, "POST", f"/passkeys/{path}", json=body, **sent)


async def test_a_passkey_is_added_signs_in_proves_and_is_removed(api: Api, home: Path) -> None:
    header, device = await signed_in(api, home), Device()
    made = await added(api, device, header)
    assert (made.status, made.json["name"]) == (201, "Laptop")
    answered = await challenged(api, device)
    assert answered.status == 200, answered.body
    by_passkey = {"Cookie": answered.headers["set-cookie"].partition(";")[0]}
    assert (await api.ask(None, "GET", "/me", headers=by_passkey)).json["email"] == ADA["email"]
    [session] = [
        each
        for each in (await api.ask(None, "GET", "/me/sessions", headers=by_passkey)).json["items"]
        if each["is_this"]
    ]
    assert session["methods"] == ["hwk", "user", "mfa"]
    assert (await challenged(api, device, "prove", headers=header)).status == 204
    assert (await Passkey.get()).sign_count == 2
    assert (await api.ask(None, "DELETE", f"/passkeys/{made.json['id']}", headers=header)).status == 204
    assert (await challenged(api, device)).status == 401


async def test_a_passkey_of_another_page_another_device_or_without_its_owner_is_refused(api: Api, home: Path) -> None:
    header, device = await signed_in(api, home), Device()
    assert (await added(api, device, header, origin="https://evil.example")).json["code"] == "wrong_credentials"
    assert (await added(api, Device(is_unlocked=False), header)).json["code"] == "wrong_credentials"
    assert await Passkey.all().count() == 0
    await added(api, device, header)
    assert (await challenged(api, device, origin="https://evil.example")).json["code"] == "wrong_credentials"
    device._flag = 0
    assert (await challenged(api, device)).json["code"] == "wrong_credentials"
    device._flag = _VERIFIED
    stranger = Device()
    stranger._device.cred_init("localhost", b"nobody")
    assert (await challenged(api, stranger)).json["code"] == "wrong_credentials"
    assert (await challenged(api, device)).status == 200


async def test_a_challenge_is_answered_once_and_a_copied_device_is_found_out(api: Api, home: Path) -> None:
    header, device = await signed_in(api, home), Device()
    await added(api, device, header)
    asked = (await api.ask(None, "POST", "/passkeys/challenge")).json
    body = {"challenge": asked["challenge"], "credential": device.get(asked["options"])}
    assert (await api.ask(None, "POST", "/passkeys/login", json=body)).status == 200
    again = await api.ask(None, "POST", "/passkeys/login", json=body)
    assert (again.status, again.json["code"]) == (401, "token_refused")
    device._device.sign_count = 0  # as a copy that was made before
    assert (await challenged(api, device)).json["code"] == "wrong_credentials"


@pytest.mark.parametrize("credential", [{}, {"id": 3}, {"id": "x", "response": {}}, {"id": "x" * 5000}])
async def test_what_is_no_credential_is_refused(api: Api, credential: dict[str, Any]) -> None:
    asked = (await api.ask(None, "POST", "/passkeys/challenge")).json
    body = {"challenge": asked["challenge"], "credential": credential}
    answered = await api.ask(None, "POST", "/passkeys/login", json=body)
    assert (answered.status, answered.json["code"]) == (401, "wrong_credentials")
