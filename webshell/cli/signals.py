"""Signals: a command that is interrupted or asked to end stops in good order, so that nothing of it is left behind."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from core.api import Cancelled

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The key Ctrl-C, a request to end, and the terminal's own end."""


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Give what is set when the process is asked to end: the work inside is to look at it, and to raise ``Cancelled``.

    Then raise ``KeyboardInterrupt`` with the signal's number. A second signal interrupts at once. What the process was
    told to ignore, as those in the background and under ``nohup`` are, stays ignored. For the main thread.
    """
    stop = threading.Event()
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if stop.is_set():
            raise KeyboardInterrupt(number)
        stop.set()

    before = {number: signal.getsignal(number) for number in ENDING}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, ask)
    try:
        yield stop
    except Cancelled as err:
        raise KeyboardInterrupt(*asked[:1]) from err
    finally:
        for number in heard:
            signal.signal(number, before[number])
