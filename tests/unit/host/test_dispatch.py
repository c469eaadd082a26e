"""The dispatcher: deadlines, attribution, types and the breaker, for plain and asynchronous calls."""

import asyncio
import contextvars
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.api import NotReady, PluginFailed
from core.host.dispatch import Call, Dispatcher
from core.host.faults import MOST_FAULTS, Fault, FaultLog

CALL = Call(plugin_id="acme.stock", contribution="acme.stock.photos", name="search", deadline=5)
HASTY = Call(plugin_id="acme.stock", name="search", deadline=0.05)


class House:
    """A dispatcher with a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 0.0
        self.told: list[Fault] = []
        self.faults = FaultLog(lambda: datetime.fromtimestamp(self.time, UTC))
        self.dispatcher = Dispatcher(self.faults, clock=lambda: self.time, on_fault=self.told.append)


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.dispatcher.close()


def fail() -> None:
    raise KeyError("colour")


async def fail_later() -> None:
    fail()


def test_a_result_is_returned_from_a_plain_and_from_an_asynchronous_function(house: House) -> None:
    async def answer() -> int:
        return 42

    assert house.dispatcher.run(CALL, lambda: 42) == 42
    assert house.dispatcher.run(CALL, answer) == 42


async def test_an_awaited_call_takes_both_too(house: House) -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    assert await house.dispatcher.arun(CALL, answer) == 42
    assert await house.dispatcher.arun(CALL, lambda: 42) == 42


async def test_context_variables_hold_inside_a_call(house: House) -> None:
    tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="none")
    tenant.set("acme")

    async def look() -> str:
        return tenant.get()

    assert await house.dispatcher.arun(CALL, look) == "acme"
    assert house.dispatcher.run(CALL, tenant.get) == "acme"


async def test_asynchronous_calls_of_a_plugin_share_one_loop_that_is_not_the_hosts(house: House) -> None:
    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    first = await house.dispatcher.arun(CALL, loop)
    assert await house.dispatcher.arun(CALL, loop) is first
    assert first is not asyncio.get_running_loop()
    other = Call(plugin_id="acme.other", name="search", deadline=5)
    assert await house.dispatcher.arun(other, loop) is not first


def test_what_is_raised_becomes_a_fault_with_its_cause(house: House) -> None:
    with pytest.raises(PluginFailed) as caught:
        house.dispatcher.run(CALL, fail)
    assert str(caught.value).startswith("acme.stock.photos (plugin acme.stock) failed: KeyError: 'colour' (test_disp")
    assert isinstance(caught.value.__cause__, KeyError)
    [fault] = house.told
    assert (fault.plugin_id, fault.contribution, fault.call) == ("acme.stock", "acme.stock.photos", "search")
    assert "raise KeyError" in fault.trace
    assert house.faults.of("acme.stock") == (fault,)


async def test_the_same_fault_is_kept_once_and_counted(house: House) -> None:
    for house.time in (10.0, 20.0, 30.0):
        with pytest.raises(PluginFailed):
            await house.dispatcher.arun(CALL, fail_later)
    [fault] = house.faults.of("acme.stock")
    assert fault.count == 3
    assert (fault.first_at.timestamp(), fault.last_at.timestamp()) == (10.0, 30.0)


async def test_what_is_raised_on_purpose_passes_and_is_no_fault(house: House) -> None:
    def not_ready() -> None:
        raise NotReady("busy", retry_after=5)

    with pytest.raises(NotReady, match="busy"):
        house.dispatcher.run(CALL, not_ready)
    with pytest.raises(NotReady, match="busy"):
        await house.dispatcher.arun(CALL, not_ready)
    assert house.told == []


async def test_exits_and_cancellations_of_its_own_are_faults(house: House) -> None:
    def leave() -> None:
        raise SystemExit(3)

    async def cancel() -> None:
        raise asyncio.CancelledError

    for function in (leave, cancel):
        with pytest.raises(PluginFailed):
            house.dispatcher.run(CALL, function)
        with pytest.raises(PluginFailed):
            await house.dispatcher.arun(CALL, function)
    assert len(house.told) == 4


async def test_a_wrong_type_is_a_fault(house: House) -> None:
    call = Call(plugin_id="acme.stock", name="search", deadline=5, returns=str)
    with pytest.raises(PluginFailed, match="returned int instead of str"):
        house.dispatcher.run(call, lambda: 42)
    with pytest.raises(PluginFailed, match="returned None instead of str"):
        await house.dispatcher.arun(call, lambda: None)


def test_a_plain_call_that_hangs_is_left_behind(house: House) -> None:
    gate = threading.Event()
    with pytest.raises(PluginFailed, match=r"search: it did not end within 0\.05 s"):
        house.dispatcher.run(HASTY, gate.wait)
    gate.set()


async def test_an_asynchronous_call_that_hangs_is_cancelled(house: House) -> None:
    is_cancelled = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            is_cancelled.set()
            raise

    with pytest.raises(PluginFailed, match=r"search: it did not end within 0\.05 s"):
        await house.dispatcher.arun(HASTY, wait)
    assert is_cancelled.wait(5)
    assert await house.dispatcher.arun(CALL, lambda: 42) == 42


async def test_one_that_blocks_its_loop_blocks_nobody_and_gets_a_new_loop(house: House) -> None:
    gate = threading.Event()

    async def block() -> None:
        gate.wait()

    other = Call(plugin_id="acme.other", name="search", deadline=5)
    blocked = asyncio.create_task(house.dispatcher.arun(HASTY, block))
    assert await house.dispatcher.arun(other, lambda: 42) == 42
    with pytest.raises(PluginFailed, match="did not end"):
        await blocked
    assert await house.dispatcher.arun(CALL, lambda: 42) == 42
    gate.set()


async def test_a_caller_that_is_cancelled_cancels_the_plugins_work(house: House) -> None:
    is_running, is_cancelled = threading.Event(), threading.Event()

    async def wait() -> None:
        is_running.set()
        try:
            await asyncio.Event().wait()
        finally:
            is_cancelled.set()

    caller = asyncio.create_task(house.dispatcher.arun(CALL, wait))
    await asyncio.to_thread(is_running.wait, 5)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await asyncio.to_thread(is_cancelled.wait, 5)
    assert house.told == []


def test_after_five_faults_the_plugin_is_paused_and_another_is_not(house: House) -> None:
    calls = []
    for _ in range(5):
        with pytest.raises(PluginFailed, match="KeyError"):
            house.dispatcher.run(CALL, fail)
    house.time = 20.0
    with pytest.raises(PluginFailed, match="it is paused after repeated faults, for another 100 s"):
        house.dispatcher.run(CALL, lambda: calls.append("called"))
    assert calls == []
    assert house.dispatcher.standing("acme.stock").seconds_left == 100
    assert house.dispatcher.run(Call(plugin_id="acme.other", name="search", deadline=5), lambda: 42) == 42
    house.time = 120.0
    assert house.dispatcher.run(CALL, lambda: 42) == 42


def test_a_paused_plugin_can_be_resumed_by_hand(house: House) -> None:
    for _ in range(5):
        with pytest.raises(PluginFailed):
            house.dispatcher.run(CALL, fail)
    house.dispatcher.resume("acme.stock")
    assert house.dispatcher.standing("acme.stock").seconds_left == 0
    assert house.dispatcher.run(CALL, lambda: 42) == 42


def test_the_latest_faults_are_kept_and_the_oldest_forgotten(house: House) -> None:
    for number in range(MOST_FAULTS):
        house.faults.add("acme.stock", "", "search", f"cause {number}")
    house.faults.add("acme.stock", "", "search", "cause 0")
    house.faults.add("acme.stock", "", "search", "one more", owner="ada")
    causes = [fault.cause for fault in house.faults.of("acme.stock")]
    assert len(causes) == MOST_FAULTS
    assert "cause 0" in causes
    assert "cause 1" not in causes
    assert [fault.cause for fault in house.faults.of("acme.stock", "ada")] == ["one more"]
