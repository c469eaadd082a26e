"""A command that is asked to end stops in good order; what it was told to ignore it goes on to ignore."""

import signal
from collections.abc import Iterator

import pytest

from core.api import Cancelled
from webshell.cli.errors import show_interrupted
from webshell.cli.signals import ENDING, stopped_by_signals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Handlers that end nothing, whatever those are that the tests run with; all are put back."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_asks_to_stop_and_tells_its_number(number: signal.Signals) -> None:
    def work() -> None:
        with stopped_by_signals() as stop:
            assert not stop.is_set()
            signal.raise_signal(number)
            assert stop.is_set()
            raise Cancelled("the render was cancelled")

    with pytest.raises(KeyboardInterrupt) as stopped:
        work()
    assert stopped.value.args == (number,)
    assert show_interrupted(stopped.value) == 128 + number
    assert signal.getsignal(number) is signal.default_int_handler


def test_the_second_signal_interrupts_at_once() -> None:
    def work() -> None:
        with stopped_by_signals():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
            pytest.fail("it went on")

    with pytest.raises(KeyboardInterrupt) as stopped:
        work()
    assert stopped.value.args == (signal.SIGTERM,)


def test_work_that_is_done_by_then_is_done() -> None:
    with stopped_by_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
    assert stop.is_set()


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with stopped_by_signals() as stop:
        signal.raise_signal(signal.SIGHUP)
        assert not stop.is_set()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_an_interrupt_of_python_itself_counts_as_the_key() -> None:
    assert show_interrupted(KeyboardInterrupt()) == 130
