"""The dispatcher: the one way by which plugins' code is called.

Each call has a deadline, is attributed to its plugin and owner, has its result's type checked, and is counted by the
breaker of both: what fails for one owner goes on for the others. What a plugin raises on purpose (``ReelhouseError``)
passes on to the caller; anything else is its fault and becomes ``PluginFailed``.
"""

import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import UnionType

from core.api import PluginFailed, ReelhouseError
from core.host.breaker import Breaker, BreakerRule, BreakerState, Standing
from core.host.faults import Fault, FaultLog, cause_of, trace_of
from core.host.threads import DeadlinePassed, PluginLoop, run_in_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is called: ``name`` is a hook or method, ``contribution`` the id it belongs to (empty for hooks).

    ``owner`` names on whose behalf (see ``Owner``); the empty one is the installation itself.
    ``returns`` is the type that the result must have; None is not checked. ``deadline`` in seconds.
    """

    plugin_id: str
    name: str
    deadline: float
    contribution: str = ""
    owner: str = ""
    returns: type | UnionType | None = None


class Dispatcher:
    """Calls plugins. May be used from any thread.

    ``clock`` gives seconds of a steady clock. ``on_fault`` is told of each fault after it was kept.
    """

    def __init__(
        self,
        faults: FaultLog,
        *,
        clock: Callable[[], float],
        rule: BreakerRule | None = None,
        on_fault: Callable[[Fault], None] = lambda _fault: None,
    ) -> None:
        self._faults = faults
        self._clock = clock
        self._rule = rule or BreakerRule()
        self._on_fault = on_fault
        self._lock = threading.Lock()
        self._breakers: defaultdict[str, dict[str, Breaker]] = defaultdict(dict)
        self._loops: defaultdict[str, dict[str, PluginLoop]] = defaultdict(dict)

    def run[T](self, call: Call, function: Callable[[], T | Awaitable[T]]) -> T:
        """Call ``function`` (plain or asynchronous) in a thread of its own and return its result.

        Raise ``PluginFailed`` for a fault or while the plugin is paused, and what the plugin raised on purpose.
        """
        self._admit(call)
        result, raised = run_in_thread(function, call.deadline, f"{call.plugin_id} {call.name}")
        return self._settle(call, result, raised)

    async def arun[T](self, call: Call, function: Callable[[], T | Awaitable[T]]) -> T:
        """Call ``function`` (plain or asynchronous) on the plugin's own loop for this owner; else like ``run``."""
        self._admit(call)
        result, raised = await self._loop(call).run(function, call.deadline)
        return self._settle(call, result, raised)

    def blame(self, call: Call, cause: str, trace: str = "") -> PluginFailed:
        """Keep a fault that the caller found; return the error to raise."""
        self._count(call, is_good=False)
        fault = self._faults.add(call.plugin_id, call.contribution, call.name, cause, trace, owner=call.owner)
        self._on_fault(fault)
        return PluginFailed(plugin=call.plugin_id, contribution=call.contribution or call.name, cause=cause)

    def standing(self, plugin_id: str, owner: str = "") -> Standing:
        """Tell how the breaker of a plugin stands for an owner."""
        with self._lock:
            breaker = self._breakers.get(owner, {}).get(plugin_id)
            return breaker.standing(self._clock()) if breaker else Standing()

    def resume(self, plugin_id: str, owner: str = "") -> None:
        """Let a paused plugin's calls pass again at once, for this owner."""
        with self._lock:
            if breaker := self._breakers.get(owner, {}).get(plugin_id):
                breaker.close()

    def release(self, owner: str) -> None:
        """Stop an owner's loops, and forget the breakers that let its calls pass.

        What lives on the loops is lost; the next call begins a new one.
        """
        with self._lock:
            loops = self._loops.pop(owner, {})
            breakers = self._breakers.pop(owner, {})
            failing = {plugin_id: each for plugin_id, each in breakers.items() if each.is_failing}
            if failing:
                self._breakers[owner] = failing
        for loop in loops.values():
            loop.close()

    def close(self) -> None:
        """Stop all loops."""
        with self._lock:
            owners = list(self._loops)
        for owner in owners:
            self.release(owner)

    def _settle[T](self, call: Call, result: T | None, raised: BaseException | None) -> T:
        match raised:
            case None:
                if call.returns is not None and not isinstance(result, call.returns):
                    raise self.blame(
                        call, f"{call.name} returned {_named(result)} instead of {_type_name(call.returns)}"
                    )
                self._count(call, is_good=True)
                return result  # type: ignore[return-value]  # an outcome without an error holds a T
            case PluginFailed():
                # Its own code does not raise this: the host's did, for a call inside this one.
                raise raised
            case ReelhouseError():
                self._count(call, is_good=True)
                raise raised
            case DeadlinePassed():
                raise self.blame(call, f"{call.name}: {raised}") from raised
            case _:
                raise self.blame(call, cause_of(raised), trace_of(raised)) from raised

    def _admit(self, call: Call) -> None:
        with self._lock:
            breaker = self._breakers.get(call.owner, {}).get(call.plugin_id)
            now = self._clock()
            if breaker is None or breaker.state(now) is not BreakerState.OPEN:
                return
            left = breaker.seconds_left(now)
        raise PluginFailed(
            plugin=call.plugin_id,
            contribution=call.contribution or call.name,
            cause=f"it is paused after repeated faults, for another {left:.0f} s",
        )

    def _count(self, call: Call, *, is_good: bool) -> None:
        with self._lock:
            breaker = self._breakers[call.owner].setdefault(call.plugin_id, Breaker(self._rule))
            breaker.record(self._clock(), is_good=is_good)

    def _loop(self, call: Call) -> PluginLoop:
        with self._lock:
            name = f"{call.plugin_id} {call.owner}".rstrip()
            return self._loops[call.owner].setdefault(call.plugin_id, PluginLoop(name))


def _type_name(wanted: type | UnionType) -> str:
    return wanted.__name__ if isinstance(wanted, type) else str(wanted)


def _named(result: object) -> str:
    return "None" if result is None else type(result).__name__
