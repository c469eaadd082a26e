"""The dispatcher: the one way by which plugins' code is called.

Each call has a deadline, is attributed to its plugin, has its result's type checked, and is counted by the plugin's
breaker. What a plugin raises on purpose (``ReelhouseError``) passes on to the caller; anything else is its fault and
becomes ``PluginFailed``.
"""

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import UnionType

from core.api import PluginFailed, ReelhouseError
from core.host.breaker import Breaker, BreakerRule, BreakerState
from core.host.faults import Fault, FaultLog, cause_of, trace_of
from core.host.threads import DeadlinePassed, PluginLoop, run_in_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is called: ``name`` is a hook or method, ``contribution`` the id it belongs to (empty for hooks).

    ``returns`` is the type that the result must have; None is not checked. ``deadline`` in seconds.
    """

    plugin_id: str
    name: str
    deadline: float
    contribution: str = ""
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
        self._breakers: dict[str, Breaker] = {}
        self._loops: dict[str, PluginLoop] = {}

    def run[T](self, call: Call, function: Callable[[], T | Awaitable[T]]) -> T:
        """Call ``function`` (plain or asynchronous) in a thread of its own and return its result.

        Raise ``PluginFailed`` for a fault or while the plugin is paused, and what the plugin raised on purpose.
        """
        self._admit(call)
        result, raised = run_in_thread(function, call.deadline, f"{call.plugin_id} {call.name}")
        return self._settle(call, result, raised)

    async def arun[T](self, call: Call, function: Callable[[], T | Awaitable[T]]) -> T:
        """Call ``function`` (plain or asynchronous) on the plugin's own loop; else like ``run``."""
        self._admit(call)
        result, raised = await self._loop(call.plugin_id).run(function, call.deadline)
        return self._settle(call, result, raised)

    def blame(self, call: Call, cause: str, trace: str = "") -> PluginFailed:
        """Keep a fault that the caller found; return the error to raise."""
        self._count(call.plugin_id, is_good=False)
        fault = self._faults.add(call.plugin_id, call.contribution, call.name, cause, trace)
        self._on_fault(fault)
        return PluginFailed(plugin=call.plugin_id, contribution=call.contribution or call.name, cause=cause)

    def paused_for(self, plugin_id: str) -> float:
        """Return for how many seconds the plugin's calls are still refused; 0 when they pass."""
        with self._lock:
            breaker = self._breakers.get(plugin_id)
            return breaker.seconds_left(self._clock()) if breaker else 0.0

    def resume(self, plugin_id: str) -> None:
        """Let a paused plugin's calls pass again at once."""
        with self._lock:
            if breaker := self._breakers.get(plugin_id):
                breaker.close()

    def close(self) -> None:
        """Stop the plugins' loops."""
        with self._lock:
            loops = list(self._loops.values())
            self._loops.clear()
        for loop in loops:
            loop.close()

    def _settle[T](self, call: Call, result: T | None, raised: BaseException | None) -> T:
        match raised:
            case None:
                if call.returns is not None and not isinstance(result, call.returns):
                    raise self.blame(
                        call, f"{call.name} returned {_named(result)} instead of {_type_name(call.returns)}"
                    )
                self._count(call.plugin_id, is_good=True)
                return result  # type: ignore[return-value]  # an outcome without an error holds a T
            case PluginFailed():
                # Its own code does not raise this: the host's did, for a call inside this one.
                raise raised
            case ReelhouseError():
                self._count(call.plugin_id, is_good=True)
                raise raised
            case DeadlinePassed():
                raise self.blame(call, f"{call.name}: {raised}") from raised
            case _:
                raise self.blame(call, cause_of(raised), trace_of(raised)) from raised

    def _admit(self, call: Call) -> None:
        with self._lock:
            breaker = self._breakers.get(call.plugin_id)
            now = self._clock()
            if breaker is None or breaker.state(now) is not BreakerState.OPEN:
                return
            left = breaker.seconds_left(now)
        raise PluginFailed(
            plugin=call.plugin_id,
            contribution=call.contribution or call.name,
            cause=f"it is paused after repeated faults, for another {left:.0f} s",
        )

    def _count(self, plugin_id: str, *, is_good: bool) -> None:
        with self._lock:
            self._breakers.setdefault(plugin_id, Breaker(self._rule)).record(self._clock(), is_good=is_good)

    def _loop(self, plugin_id: str) -> PluginLoop:
        with self._lock:
            return self._loops.setdefault(plugin_id, PluginLoop(plugin_id))


def _type_name(wanted: type | UnionType) -> str:
    return wanted.__name__ if isinstance(wanted, type) else str(wanted)


def _named(result: object) -> str:
    return "None" if result is None else type(result).__name__
