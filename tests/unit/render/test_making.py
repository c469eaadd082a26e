"""What a schedule lacks is made, once; what happens to the ledger or to workers meanwhile costs no finished work."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from core.api import Catalogue
from core.host.host import PluginHost
from core.render.events import Outcome
from core.render.ledger import Ledger
from core.render.making import Making
from core.render.work import Finishing, PictureRun, Work
from tests.support.rehearsal import Rehearsal
from tests.support.timelines import clip, document

type Json = Any


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return PluginHost.load(home=tmp_path_factory.mktemp("home")).catalogue()


def colors(*names: str) -> Json:
    """Clips of five seconds, each of one colour: a segment each."""
    return document(
        *(clip(5 * number, 5, asset={"type": "color", "color": f"#{name}"}) for number, name in enumerate(names))
    )


def outcomes(making: Making) -> list[tuple[int, int, str]]:
    return sorted((each.first, each.end, each.outcome) for each in making.segments)


def drawn(given: list[Work | Finishing]) -> list[tuple[int, int]]:
    return [(cut.first, cut.end) for work in given if isinstance(work, PictureRun) for cut in work.cuts]


class EvictingLedger(Ledger):
    """A ledger from which another process removes a piece once, just after it was found."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, owner="tests")
        self.evicts: set[str] = set()

    def get(self, key: str) -> Path | None:
        found = super().get(key)
        if found is not None and key in self.evicts:
            self.evicts.remove(key)
            shutil.rmtree(found.parent)
        return found


def test_what_is_evicted_between_the_look_and_the_taking_is_made_again(tmp_path: Path, catalogue: Catalogue) -> None:
    ledger = EvictingLedger(tmp_path / "ledger")
    rehearsal = Rehearsal(tmp_path, catalogue, ledger=ledger)
    wanted = colors("ff0000", "00ff00")
    first, second = rehearsal.schedule(wanted).groups[0].segments[0]
    rehearsal.render(wanted)
    ledger.evicts.add(second.key)
    again = rehearsal.render(wanted)
    assert ledger.evicts == set()
    assert outcomes(again) == [(0, 150, Outcome.CACHED), (150, 300, Outcome.RENDERED)]
    assert drawn(rehearsal.given) == [(150, 300)]
    assert ledger.get(first.key) is not None
    assert ledger.get(second.key) is not None
    assert list((tmp_path / "rendering").iterdir()) == []


def test_the_second_of_equal_files_made_in_one_go_is_not_made(tmp_path: Path, catalogue: Catalogue) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    wanted = colors("ff0000")
    wanted["output"] |= {"encoder": "gif", "renditions": [{"encoder": "gif", "width": 320, "height": 180}]}
    made = rehearsal.render(wanted)
    assert outcomes(made) == [(0, 150, Outcome.CACHED), (0, 150, Outcome.RENDERED)]
    assert len(rehearsal.given) == 1
