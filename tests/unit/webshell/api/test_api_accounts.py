"""Accounts over the API: from registration to signing out, with cookies and with tokens."""

from pathlib import Path

import pyotp
import pytest

from tenants.control.models.audit import AuditEntry
from tenants.control.models.session import Session
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User
from tests.support.api import Answered, Api
from tests.support.letters import letters, plain, secret_in

ADA = {"email": "Ada@Example.com", "password": "four words will do", "name": "Ada", "workspace": "Ada’s Films"}
SIGNING_IN = {"email": ADA["email"], "password": ADA["password"]}


async def registered(api: Api, home: Path, **changes: str) -> None:
    """Register somebody and confirm their address."""
    assert (await api.ask(None, "POST", "/auth/register", json={**ADA, **changes})).status == 204
    token = secret_in(letters(home)[-1])
    assert (await api.ask(None, "POST", "/auth/confirm", json={"token": token})).status == 201


def cookie(answered: Answered) -> dict[str, str]:
    """Return the header that sends back the cookie of an answer."""
    return {"Cookie": answered.headers["set-cookie"].partition(";")[0]}


async def signed_in(api: Api, **changes: str) -> dict[str, str]:
    """Sign in, and return the header that goes with every request then."""
    answered = await api.ask(None, "POST", "/auth/login", json={**SIGNING_IN, **changes})
    assert answered.status == 200
    return cookie(answered)


async def test_registering_confirming_and_signing_in_gives_a_user_with_a_workspace(api: Api, home: Path) -> None:
    await registered(api, home)
    answered = await api.ask(None, "POST", "/auth/login", json=SIGNING_IN)
    header = answered.headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    me = (await api.ask(None, "GET", "/me", headers=cookie(answered))).json
    assert (me["email"], me["name"], me["locale"], me["house_role"]) == ("ada@example.com", "Ada", "en", None)
    [workspace] = me["workspaces"]
    assert (workspace["slug"], workspace["name"], workspace["role"]) == ("adas-films", "Ada’s Films", "owner")
    assert me["tenant"] == workspace["id"]
    assert "keys:write" in me["permissions"]
    keys = await api.ask(None, "GET", "/keys", headers=cookie(answered))
    assert (keys.status, keys.json) == (200, {"items": []})


async def test_a_registration_token_is_used_once_and_an_unconfirmed_address_has_no_user(api: Api, home: Path) -> None:
    await api.ask(None, "POST", "/auth/register", json=ADA)
    assert await User.all().count() == 0
    assert (await api.ask(None, "POST", "/auth/login", json=SIGNING_IN)).json["code"] == "wrong_credentials"
    token = secret_in(letters(home)[-1])
    assert (await api.ask(None, "POST", "/auth/confirm", json={"token": token})).status == 201
    again = await api.ask(None, "POST", "/auth/confirm", json={"token": token})
    assert (again.status, again.json["code"]) == (401, "token_refused")
    assert await User.all().count() == 1


async def test_whether_an_address_is_known_is_told_to_its_owner_alone(api: Api, home: Path) -> None:
    await registered(api, home)
    known = await api.ask(None, "POST", "/auth/register", json=ADA)
    new = await api.ask(None, "POST", "/auth/register", json={**ADA, "email": "new@example.com", "locale": "fr"})
    assert (known.status, known.body) == (new.status, new.body) == (204, b"")
    to_known, to_new = letters(home)[-2:]
    assert (to_known["To"], to_known["Subject"]) == ("ada@example.com", "You have an account already")
    assert (to_new["To"], to_new["Subject"]) == ("new@example.com", "Confirmez votre adresse")
    asked = [
        await api.ask(None, "POST", "/auth/forgot-password", json={"email": to}) for to in ("ada@example.com", "x@y.z")
    ]
    assert {(each.status, each.body) for each in asked} == {(204, b"")}
    assert [each["Subject"] for each in letters(home)[-2:]] == [
        "Choose a new password",
        "There is no account with this address",
    ]


@pytest.mark.parametrize(
    "password", ["short", "Password123!", "1234567890", "aaaaaaaaaaaa", "ada@example.com", "x" * 1025]
)
async def test_weak_passwords_are_refused_and_nothing_is_mailed(api: Api, home: Path, password: str) -> None:
    answered = await api.ask(None, "POST", "/auth/register", json={**ADA, "password": password})
    assert (answered.status, answered.json["path"]) == (422, "password")
    assert password not in answered.body.decode()
    assert letters(home) == []


async def test_wrong_passwords_unknown_users_and_disabled_ones_are_refused_alike(api: Api, home: Path) -> None:
    await registered(api, home)
    wrong = await api.ask(None, "POST", "/auth/login", json={**SIGNING_IN, "password": "another one"})
    unknown = await api.ask(None, "POST", "/auth/login", json={**SIGNING_IN, "email": "nobody@example.com"})
    header = await signed_in(api)
    await User.all().update(state="disabled")
    disabled = await api.ask(None, "POST", "/auth/login", json=SIGNING_IN)
    for each in (wrong, unknown, disabled):
        assert each.status == 401
        assert {**each.json, "instance": ""} == {**wrong.json, "instance": ""}
        assert "set-cookie" not in each.headers
    assert (await api.ask(None, "GET", "/me", headers=header)).status == 401
    assert await AuditEntry.filter(action="session.refuse").count() == 2


async def test_signing_out_ends_the_session_and_no_other(api: Api, home: Path) -> None:
    await registered(api, home)
    first, second = await signed_in(api), await signed_in(api)
    assert (await api.ask(None, "POST", "/auth/logout", headers=first)).status == 204
    assert (await api.ask(None, "GET", "/me", headers=first)).status == 401
    assert (await api.ask(None, "GET", "/me", headers=second)).status == 200


async def test_sessions_are_listed_and_revoked(api: Api, home: Path) -> None:
    await registered(api, home)
    first, second = await signed_in(api), await signed_in(api)
    listed = (await api.ask(None, "GET", "/me/sessions", headers=first)).json["items"]
    assert sorted(each["is_this"] for each in listed) == [False, True]
    other = next(each["id"] for each in listed if not each["is_this"])
    assert (await api.ask(None, "DELETE", f"/me/sessions/{other}", headers=first)).status == 204
    assert (await api.ask(None, "GET", "/me", headers=second)).status == 401
    assert (await api.ask(None, "DELETE", f"/me/sessions/{other}", headers=first)).status == 404


async def test_programs_sign_in_with_tokens_that_are_traded_and_end_with_the_session(api: Api, home: Path) -> None:
    await registered(api, home)
    tokens = (await api.ask(None, "POST", "/auth/login", json={**SIGNING_IN, "tokens": True})).json["tokens"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await api.ask(None, "GET", "/me", headers=bearer)).json["name"] == "Ada"
    traded = await api.ask(None, "POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert traded.status == 200
    anew = {"Authorization": f"Bearer {traded.json['tokens']['access_token']}"}
    assert (await api.ask(None, "POST", "/auth/logout", headers=anew)).status == 204
    for header in (bearer, anew):
        assert (await api.ask(None, "GET", "/me", headers=header)).status == 401
    late = await api.ask(None, "POST", "/auth/refresh", json={"refresh_token": traded.json["tokens"]["refresh_token"]})
    assert late.status == 401


async def test_a_new_password_by_mail_ends_all_sessions_and_works_once(api: Api, home: Path) -> None:
    await registered(api, home)
    header = await signed_in(api)
    await api.ask(None, "POST", "/auth/forgot-password", json={"email": "ada@example.com"})
    token = secret_in(letters(home)[-1])
    weak = await api.ask(None, "POST", "/auth/reset-password", json={"token": token, "password": "short"})
    assert weak.status == 422
    new = {"token": token, "password": "another four words"}
    assert (await api.ask(None, "POST", "/auth/reset-password", json=new)).status == 204
    assert (await api.ask(None, "POST", "/auth/reset-password", json=new)).status == 401
    assert (await api.ask(None, "GET", "/me", headers=header)).status == 401
    assert (await api.ask(None, "POST", "/auth/login", json=SIGNING_IN)).status == 401
    await signed_in(api, password=new["password"])
    assert letters(home)[-1]["Subject"] == "Your password was changed"


async def test_a_new_address_is_confirmed_there_and_told_to_the_old_one(api: Api, home: Path) -> None:
    await registered(api, home)
    header = await signed_in(api)
    assert (await api.ask(None, "PUT", "/me/email", json={"email": "new@example.com"}, headers=header)).status == 204
    asked = letters(home)[-1]
    assert asked["To"] == "new@example.com"
    assert (await api.ask(None, "GET", "/me", headers=header)).json["email"] == "ada@example.com"
    assert (await api.ask(None, "POST", "/auth/confirm-email", json={"token": secret_in(asked)})).status == 204
    assert (await api.ask(None, "GET", "/me", headers=header)).json["email"] == "new@example.com"
    told = letters(home)[-1]
    assert told["To"] == "ada@example.com"
    assert "new@example.com" in plain(told)


async def test_an_authenticator_is_needed_once_it_is_confirmed_and_recovery_codes_work_once(
    api: Api, home: Path
) -> None:
    await registered(api, home)
    header = await signed_in(api)
    seed = (await api.ask(None, "POST", "/me/authenticator", headers=header)).json["seed"]
    assert (await api.ask(None, "POST", "/auth/login", json=SIGNING_IN)).status == 200  # it is not confirmed yet
    code = pyotp.TOTP(seed).now()
    wrong = await api.ask(None, "PUT", "/me/authenticator", json={"code": "000000"}, headers=header)
    assert wrong.json["code"] == "wrong_credentials"
    codes = (await api.ask(None, "PUT", "/me/authenticator", json={"code": code}, headers=header)).json["codes"]
    assert len(set(codes)) == 10

    async def challenged(sent: str) -> Answered:
        answered = await api.ask(None, "POST", "/auth/login", json=SIGNING_IN)
        assert (answered.status, answered.json["factors"]) == (202, ["totp", "recovery"])
        assert "set-cookie" not in answered.headers
        challenge = {"challenge": answered.json["challenge"], "code": sent}
        return await api.ask(None, "POST", "/auth/second-factor", json=challenge)

    assert (await challenged(code)).status == 401  # this step's code was used
    assert (await challenged(codes[0])).status == 200
    assert (await challenged(codes[0])).status == 401
    assert (await challenged(codes[1].replace("-", " ").upper())).status == 200
    assert (await api.ask(None, "GET", "/me", headers=header)).json["recovery_codes_left"] == 8


async def test_a_challenge_takes_five_wrong_codes(api: Api, home: Path) -> None:
    await registered(api, home)
    header = await signed_in(api)
    seed = (await api.ask(None, "POST", "/me/authenticator", headers=header)).json["seed"]
    codes = await api.ask(None, "PUT", "/me/authenticator", json={"code": pyotp.TOTP(seed).now()}, headers=header)
    challenge = (await api.ask(None, "POST", "/auth/login", json=SIGNING_IN)).json["challenge"]
    for _ in range(5):
        sent = {"challenge": challenge, "code": "999-999"}
        assert (await api.ask(None, "POST", "/auth/second-factor", json=sent)).json["code"] == "wrong_credentials"
    sent = {"challenge": challenge, "code": codes.json["codes"][0]}
    assert (await api.ask(None, "POST", "/auth/second-factor", json=sent)).json["code"] == "token_refused"


async def test_an_api_token_does_what_its_scopes_say_and_nothing_of_its_owner_alone(api: Api, home: Path) -> None:
    await registered(api, home)
    header = await signed_in(api)
    wanted = {"name": "script", "scopes": ["workspace:read"], "expires": "2026-12-24T00:00:00Z"}
    made = await api.ask(None, "POST", "/me/tokens", json=wanted, headers=header)
    assert made.status == 201
    bearer = {"Authorization": f"Bearer {made.json['secret']}"}
    assert (await api.ask(None, "GET", "/keys", headers=bearer)).status == 200
    for method, path, sent in (
        ("POST", "/uploads", None),
        ("PATCH", "/me", {"name": "Eve"}),
        ("POST", "/auth/logout", None),
        ("POST", "/me/tokens", wanted),
    ):
        refused = await api.ask(None, method, path, json=sent, headers=bearer)
        assert (refused.status, refused.json["code"]) in {(403, "not_allowed"), (403, "not_fresh")}, path
    last = "1" if made.json["secret"].endswith("0") else "0"
    altered = {"Authorization": f"Bearer {made.json['secret'][:-1]}{last}"}
    assert (await api.ask(None, "GET", "/keys", headers=altered)).status == 401
    token = made.json["id"]
    rolled = await api.ask(None, "POST", f"/me/tokens/{token}/roll", headers=header)
    assert rolled.status == 201
    assert (await api.ask(None, "GET", "/keys", headers=bearer)).status == 200  # it overlaps
    assert (await api.ask(None, "DELETE", f"/me/tokens/{token}", headers=header)).status == 204
    assert (await api.ask(None, "GET", "/keys", headers=bearer)).status == 401
    anew = {"Authorization": f"Bearer {rolled.json['secret']}"}
    assert (await api.ask(None, "GET", "/keys", headers=anew)).status == 200


async def test_members_are_invited_change_their_role_and_leave(api: Api, home: Path) -> None:
    await registered(api, home)
    owner = await signed_in(api)
    invited = {"email": "bob@example.com", "role": "viewer", "locale": "fr"}
    assert (await api.ask(None, "POST", "/tenant/members", json=invited, headers=owner)).status == 204
    letter = letters(home)[-1]
    assert letter["Subject"] == "Ada vous invite dans Ada’s Films"
    token = secret_in(letter)
    shown = (await api.ask(None, "POST", "/auth/invitation", json={"token": token})).json
    assert shown == {"workspace": "Ada’s Films", "email": "bob@example.com", "role": "viewer", "is_known": False}
    joining = {"token": token, "name": "Bob", "password": "some other four words"}
    assert (await api.ask(None, "POST", "/auth/join", json=joining)).status == 204
    assert (await api.ask(None, "POST", "/auth/join", json=joining)).status == 401
    bob = await signed_in(api, email="bob@example.com", password=joining["password"])
    assert (await api.ask(None, "GET", "/me", headers=bob)).json["permissions"] == ["workspace:read"]
    members = (await api.ask(None, "GET", "/tenant/members", headers=bob)).json
    assert [(each["name"], each["role"]) for each in members["items"]] == [("Ada", "owner"), ("Bob", "viewer")]
    assert members["invitations"] == []
    ada_id, bob_id = (each["user"] for each in members["items"])
    refused = await api.ask(None, "PATCH", f"/tenant/members/{bob_id}", json={"role": "owner"}, headers=bob)
    assert refused.json["code"] == "not_allowed"
    last = await api.ask(None, "DELETE", f"/tenant/members/{ada_id}", headers=owner)
    assert last.json["code"] == "last_owner"
    promoted = await api.ask(None, "PATCH", f"/tenant/members/{bob_id}", json={"role": "editor"}, headers=owner)
    assert promoted.status == 204
    assert "projects:write" in (await api.ask(None, "GET", "/me", headers=bob)).json["permissions"]
    assert (await api.ask(None, "DELETE", "/tenant/membership", headers=bob)).status == 204
    gone = (await api.ask(None, "GET", "/me", headers=bob)).json
    assert (gone["tenant"], gone["permissions"], gone["workspaces"]) == (None, [], [])


async def test_a_suspended_workspace_is_read_alone_and_an_address_outside_its_networks_sees_nothing(
    api: Api, home: Path
) -> None:
    await registered(api, home)
    header = await signed_in(api)
    locked_out = await api.ask(None, "PATCH", "/tenant", json={"networks": ["10.0.0.0/8"]}, headers=header)
    assert (locked_out.status, locked_out.json["path"]) == (422, "networks")
    await Tenant.all().update(networks=["10.0.0.0/8"])
    refused = await api.ask(None, "GET", "/keys", headers=header)
    assert (refused.status, refused.json["code"]) == (403, "address_not_allowed")
    await Tenant.all().update(networks=None, state="suspended")
    assert (await api.ask(None, "GET", "/keys", headers=header)).status == 200
    assert (await api.ask(None, "PATCH", "/tenant", json={"name": "New"}, headers=header)).json["code"] == "not_allowed"


async def test_what_needs_a_fresh_proof_is_refused_until_it_is_given(api: Api, home: Path) -> None:
    await registered(api, home)
    header = await signed_in(api)
    await Session.all().update(proven="2026-01-01T00:00:00+00:00")
    sent = {"email": "bob@example.com", "role": "viewer"}
    stale = await api.ask(None, "POST", "/tenant/members", json=sent, headers=header)
    assert (stale.status, stale.json["code"]) == (403, "not_fresh")
    wrong = await api.ask(None, "POST", "/auth/prove", json={"password": "wrong"}, headers=header)
    assert wrong.json["code"] == "wrong_credentials"
    assert (await api.ask(None, "POST", "/tenant/members", json=sent, headers=header)).status == 403
    assert (
        await api.ask(None, "POST", "/auth/prove", json={"password": ADA["password"]}, headers=header)
    ).status == 204
    assert (await api.ask(None, "POST", "/tenant/members", json=sent, headers=header)).status == 204


async def test_one_user_works_in_several_workspaces_and_in_no_stranger_s(api: Api, home: Path) -> None:
    await registered(api, home)
    header = await signed_in(api)
    stranger = await api.somebody("acme")
    second = await api.ask(None, "POST", "/me/workspaces", json={"name": "Ada’s Films"}, headers=header)
    assert second.status == 201
    assert second.json["slug"].startswith("adas-films-")
    entered = await api.ask(None, "PUT", "/me/tenant", json={"tenant": second.json["id"]}, headers=header)
    assert entered.json["tenant"] == second.json["id"]
    assert (await api.ask(None, "GET", "/tenant", headers=header)).json["id"] == second.json["id"]
    for unreachable in (str(stranger.tenant), "00000000-0000-4000-8000-000000000000"):
        refused = await api.ask(None, "PUT", "/me/tenant", json={"tenant": unreachable}, headers=header)
        assert (refused.status, refused.json["code"]) == (404, "not_found")
    assert (await api.ask(None, "GET", "/tenant", headers=header)).json["id"] == second.json["id"]


async def test_logging_in_is_limited_by_account_whatever_else_is_asked(api: Api, home: Path) -> None:
    await registered(api, home)
    wrong = {**SIGNING_IN, "password": "another one"}
    answers = [await api.ask(None, "POST", "/auth/login", json=wrong) for _ in range(20)]
    limited = [each for each in answers if each.status == 429]
    assert {each.status for each in answers} == {401, 429}
    assert int(limited[0].headers["retry-after"]) >= 1
