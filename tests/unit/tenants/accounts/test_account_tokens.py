"""Refresh and one-time tokens: used once, whoever tries at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tenants.accounts import one_time, refresh_tokens, sessions
from tenants.accounts.failures import TokenRefused
from tenants.accounts.refresh_tokens import GRACE, Reused
from tenants.accounts.services import Accounts
from tenants.accounts.sessions import IDLE, LONGEST, Begun, Place
from tenants.control.models.audit import AuditEntry
from tenants.control.models.one_time_token import OneTimeToken, Purpose
from tenants.control.models.session import RefreshToken, Session
from tenants.control.users import create_user

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def begun(accounts: Accounts) -> Begun:
    """Sign somebody in."""
    user = await create_user("ada@example.com", "Ada", actor="test")
    return await sessions.begin(user.id, ["pwd"], Place(address="::1", agent="test"), tenant=None, now=NOW)


async def test_a_refresh_token_leads_to_the_same_successor_for_a_moment_and_then_ends_the_session(
    accounts: Accounts,
) -> None:
    session = (await begun(accounts)).session
    first = await refresh_tokens.give(session.id, now=NOW)
    _, second = await refresh_tokens.trade(first, keys=accounts.keys, now=NOW)
    _, again = await refresh_tokens.trade(first, keys=accounts.keys, now=NOW + GRACE)
    assert again == second != first
    assert await RefreshToken.all().count() == 2
    with pytest.raises(Reused) as caught:
        await refresh_tokens.trade(first, keys=accounts.keys, now=NOW + GRACE + timedelta(seconds=1))
    assert caught.value.user == session.user
    assert await sessions.find_by_id(session.id, now=NOW) is None
    with pytest.raises(TokenRefused):
        await refresh_tokens.trade(second, keys=accounts.keys, now=NOW)
    assert await AuditEntry.filter(action="session.reuse").count() == 1


async def test_a_token_comes_back_too_late_once_its_successor_was_traded(accounts: Accounts) -> None:
    session = (await begun(accounts)).session
    first = await refresh_tokens.give(session.id, now=NOW)
    _, second = await refresh_tokens.trade(first, keys=accounts.keys, now=NOW)
    await refresh_tokens.trade(second, keys=accounts.keys, now=NOW)
    with pytest.raises(Reused):
        await refresh_tokens.trade(first, keys=accounts.keys, now=NOW + timedelta(seconds=1))


async def test_of_many_that_trade_at_once_all_get_the_same_and_one_row_is_made(accounts: Accounts) -> None:
    session = (await begun(accounts)).session
    first = await refresh_tokens.give(session.id, now=NOW)
    traded = await asyncio.gather(*(refresh_tokens.trade(first, keys=accounts.keys, now=NOW) for _ in range(20)))
    assert len({secret for _, secret in traded}) == 1
    assert await RefreshToken.all().count() == 2


async def test_a_session_ends_when_it_was_not_used_and_when_it_is_old(accounts: Accounts) -> None:
    made = await begun(accounts)
    assert await sessions.find(made.secret, now=NOW + IDLE - timedelta(seconds=1)) is not None  # and it was used
    assert await sessions.find(made.secret, now=NOW + 2 * IDLE - timedelta(seconds=2)) is not None
    assert await sessions.find(made.secret, now=NOW + 3 * IDLE) is None
    await Session.all().update(seen=NOW + LONGEST)
    assert await sessions.find(made.secret, now=NOW + LONGEST) is None
    assert await sessions.find("wrong", now=NOW) is None
    kept = await Session.get()
    assert made.secret not in {str(value) for value in dict(kept).values()}


async def test_a_one_time_token_is_taken_once_for_its_own_purpose_in_its_time(accounts: Accounts) -> None:
    secret = await one_time.give(Purpose.RESET_PASSWORD, now=NOW, word="x")
    with pytest.raises(TokenRefused):
        await one_time.take(Purpose.REGISTER, secret, now=NOW)
    with pytest.raises(TokenRefused):
        await one_time.take(Purpose.RESET_PASSWORD, secret, now=NOW + timedelta(hours=1))
    assert (await OneTimeToken.get()).used is None
    results = await asyncio.gather(
        *(one_time.take(Purpose.RESET_PASSWORD, secret, now=NOW) for _ in range(20)), return_exceptions=True
    )
    taken = [each for each in results if isinstance(each, one_time.Step)]
    assert [step.details for step in taken] == [{"word": "x"}]
    assert sum(isinstance(each, TokenRefused) for each in results) == 19
    assert await one_time.prune(now=NOW + timedelta(hours=1)) == 1
