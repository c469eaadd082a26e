"""Workshops in this process: workers without a cage, and launchers that do what a test says."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.api import Cancelled
from core.host.host import PluginHost
from core.render.ledger import Ledger
from core.render.station import Launcher, Station
from core.render.stopping import Stop
from core.render.work import Finishing, Message, Work
from core.render.worker import Worker
from core.render.workshop import Workshop

type Script = Callable[[Work | Finishing, Path, Callable[[Message], None]], Message]
"""Does what a worker should, in its folder, telling what it has to say; returns what a worker returns."""

DONE: Message = {"cpu_seconds": 0.5, "peak_memory": 1000}
"""What a worker returns that has nothing to say."""


class Scripted:
    """A launcher whose workers run a script in this process. ``performed`` lists what they were given."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.performed: list[Work | Finishing] = []

    def perform(
        self,
        work: Work | Finishing,
        folder: Path,
        *,
        inputs: Sequence[Path],
        on_message: Callable[[Message], None],
        cancelled: Stop,
    ) -> Message:
        """Run the script, unless nobody wants it any more."""
        self.performed.append(work)

        def tell(message: Message) -> None:
            if cancelled.is_set():
                raise Cancelled("the work was cancelled")
            on_message(message)

        return self._script(work, folder, tell)


def honest(host: PluginHost) -> Script:
    """Return the script of a worker that does what it is told."""
    return Worker(host).perform


def station_of(launcher: Launcher, folder: Path) -> Station:
    """Make a station with a ledger of its own; both lie in ``folder``."""
    return Station(launcher=launcher, ledger=Ledger(folder / "ledger", owner="tests"), folder=folder / "rendering")


def workshop_of(launcher: Launcher, folder: Path, *, workers: int = 1) -> Workshop:
    """Make a workshop of such a station."""
    return Workshop(station=station_of(launcher, folder), workers=workers)
