"""The circuit breaker of a plugin: after repeated faults its calls are refused for a while, then tried again."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    """``closed`` lets calls pass, ``open`` refuses them, ``half_open`` tries whether they work again."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRule:
    """When a breaker opens and closes.

    It opens when, within the last ``window`` seconds, at least ``faults`` calls failed and they are at least
    ``share`` of all calls. After ``cool_down`` seconds calls are tried again: ``trials`` good ones in a row close
    it, one fault opens it anew.
    """

    window: float = 300.0
    faults: int = 5
    share: float = 0.35
    cool_down: float = 120.0
    trials: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a breaker stands. ``seconds_left`` is how long calls are still refused, 0 when they are not.

    ``seconds_failing`` is how long ago it opened, with all trials that failed since; None while it is closed.
    """

    state: BreakerState = BreakerState.CLOSED
    seconds_failing: float | None = None
    seconds_left: float = 0.0


class Breaker:
    """Counts one plugin's calls. Times are seconds of any steady clock. Not thread-safe: its owner locks."""

    def __init__(self, rule: BreakerRule) -> None:
        self._rule = rule
        self._calls: deque[tuple[float, bool]] = deque()
        self._opened_at: float | None = None
        self._failing_since: float | None = None
        self._good_trials = 0

    @property
    def is_failing(self) -> bool:
        """True from when it opened until it is closed again."""
        return self._failing_since is not None

    def standing(self, now: float) -> Standing:
        """Tell all that is to be shown at ``now``."""
        return Standing(
            state=self.state(now),
            seconds_failing=None if self._failing_since is None else now - self._failing_since,
            seconds_left=self.seconds_left(now),
        )

    def state(self, now: float) -> BreakerState:
        """Tell the state at ``now``."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.seconds_left(now) > 0 else BreakerState.HALF_OPEN

    def seconds_left(self, now: float) -> float:
        """Return how long calls are still refused; 0 when they are not."""
        return 0.0 if self._opened_at is None else max(0.0, self._opened_at + self._rule.cool_down - now)

    def record(self, now: float, *, is_good: bool) -> None:
        """Count a call that ended at ``now``."""
        if self._opened_at is not None:
            self._record_trial(now, is_good=is_good)
            return
        self._calls.append((now, is_good))
        while self._calls[0][0] <= now - self._rule.window:
            self._calls.popleft()
        faults = sum(not was_good for _, was_good in self._calls)
        if not is_good and faults >= self._rule.faults and faults >= self._rule.share * len(self._calls):
            self._open(now)

    def close(self) -> None:
        """Let calls pass again and forget what was counted."""
        self._opened_at = self._failing_since = None
        self._calls.clear()

    def _record_trial(self, now: float, *, is_good: bool) -> None:
        if self.state(now) is BreakerState.OPEN:
            return  # it was under way when the breaker opened
        if not is_good:
            self._open(now)
            return
        self._good_trials += 1
        if self._good_trials >= self._rule.trials:
            self.close()

    def _open(self, now: float) -> None:
        self._opened_at = now
        if self._failing_since is None:
            self._failing_since = now
        self._good_trials = 0
        self._calls.clear()
