"""The benchmark's tables and targets."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measure import Cost, median_of
from benchmarks.report import Machine, faults, markdown, memory_table, notes, scene_table, target_table
from benchmarks.results import FFMPEG, FLOOR, MOVIEPY, REELHOUSE, MemoryResult, Row, SceneResult, Target, targets_of
from benchmarks.tables import costs_table
from benchmarks.trials.trial import Trial
from benchmarks.verify import Verdict

MB = 1024 * 1024


def _row(tool: str, cpu: float, wall: float, memory: int, *complaints: str, likeness: float | None = 41.26) -> Row:
    return Row(
        tool=tool,
        cost=Cost(cpu=cpu, wall=wall, memory=memory * MB),
        verdict=Verdict(size=12_340_000, frames=1140, likeness=likeness, complaints=complaints),
    )


def _scene(*rows: Row, failed: tuple[str, ...] = ()) -> SceneResult:
    return SceneResult(title="The edit", description="Five clips.", frames=1140, rows=rows, failed=failed)


FILM = _scene(
    _row(FFMPEG, 50.0, 25.0, 700, likeness=None),
    _row(REELHOUSE, 42.0, 22.0, 400),
    _row(FLOOR, 36.0, 20.0, 200, "title not drawn (5 times)", likeness=17.0),
    _row(MOVIEPY, 83.0, 68.0, 416),
)
MEMORY = MemoryResult(
    description="Twice.",
    lengths=(60.5, 600.5),
    short=Cost(cpu=60, wall=30, memory=400 * MB),
    long=Cost(cpu=600, wall=300, memory=420 * MB),
)
AGAIN = Trial(
    title="The edit again",
    description="Twice in one home.",
    table=costs_table(
        {
            "first render": Cost(cpu=50, wall=25, memory=400 * MB),
            "second render": Cost(cpu=1.25, wall=0.8, memory=120 * MB),
        }
    ),
    targets=(Target(name="CPU, second / first", wanted=0.03, measured=0.025),),
)


def test_targets_are_the_ratios_of_the_edit() -> None:
    measured = [(target.wanted, round(target.measured or 0, 4), target.is_met) for target in targets_of(FILM, MEMORY)]
    assert measured == [
        (0.88, 0.84, True),
        (1.2, 1.1667, True),
        (0.8, 0.5714, True),
        (1.1, 1.05, True),
        (3.0, 3.0909, True),
    ]


def test_a_target_is_missed_by_the_least_too_much_or_too_little() -> None:
    assert Target(name="a", wanted=0.88, measured=0.88).is_met
    assert not Target(name="a", wanted=0.88, measured=0.8801).is_met
    assert Target(name="a", wanted=3, measured=3.0, is_least=True).is_met
    assert not Target(name="a", wanted=3, measured=2.999, is_least=True).is_met


def test_what_was_not_measured_is_no_target_met() -> None:
    without = _scene(*(row for row in FILM.rows if row.tool != MOVIEPY))
    targets = targets_of(without, MEMORY)
    assert [target.is_met for target in targets] == [True, True, True, True, False]
    assert target_table(targets).splitlines()[-1] == "| Wall time, MoviePy / Reelhouse | ≥ 3 | not measured | **no** |"


def test_a_scene_table_has_a_line_a_tool_with_its_ratios() -> None:
    assert scene_table(FILM).splitlines() == [
        "| tool | CPU s | wall s | peak MB | CPU / ffmpeg | CPU / floor | file MB | PSNR dB |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
        "| ffmpeg | 50.0 | 25.0 | 700 | 1.00 | 1.39 | 12.3 | reference |",
        "| Reelhouse | 42.0 | 22.0 | 400 | 0.84 | 1.17 | 12.3 | 41.3 |",
        "| decode + encode alone | 36.0 | 20.0 | 200 | 0.72 | 1.00 | 12.3 | – |",
        "| MoviePy | 83.0 | 68.0 | 416 | 1.66 | 2.31 | 12.3 | 41.3 |",
    ]


def test_a_scene_without_a_floor_shows_no_ratio_to_it() -> None:
    rows = scene_table(_scene(_row(FFMPEG, 10, 5, 100, likeness=None))).splitlines()
    assert rows[-1] == "| ffmpeg | 10.0 | 5.0 | 100 | 1.00 | – | 12.3 | reference |"


def test_faults_in_outputs_and_failures_are_told_but_not_that_the_floor_draws_nothing() -> None:
    told = notes(_scene(*FILM.rows, _row("MLT", 47, 27, 924, "title not drawn (5 times)"), failed=("X",)))
    assert told == ["- MLT: title not drawn (5 times)\n- X: failed"]
    assert notes(FILM) == []


def test_a_trials_table_shows_each_runs_share_of_the_first() -> None:
    assert AGAIN.table.splitlines() == [
        "| run | CPU s | wall s | peak MB | CPU / first | wall / first |",
        "| --- | --: | --: | --: | --: | --: |",
        "| first render | 50.0 | 25.0 | 400 | 1.000 | 1.000 |",
        "| second render | 1.2 | 0.8 | 120 | 0.025 | 0.032 |",
    ]


def test_a_trials_complaints_are_told() -> None:
    assert faults(AGAIN) == []
    assert faults(replace(AGAIN, complaints=("the sound differs", "2 frames differ"))) == [
        "- the sound differs\n- 2 frames differ"
    ]


def test_small_targets_are_shown_finely() -> None:
    assert target_table(AGAIN.targets).splitlines()[-1] == "| CPU, second / first | ≤ 0.03 | 0.0250 | yes |"


def test_counts_are_shown_whole() -> None:
    failures = Target(name="failures", wanted=0, measured=0)
    assert target_table([failures]).splitlines()[-1] == "| failures | ≤ 0 | 0 | yes |"
    assert not replace(failures, measured=1).is_met


def test_the_memory_table_shows_both_lengths() -> None:
    assert memory_table(MEMORY).splitlines()[2:] == [
        "| 60.5 s | 60.0 | 30.0 | 400 |",
        "| 600.5 s | 600.0 | 300.0 | 420 |",
    ]


def test_the_document_holds_all_tables_the_machine_and_the_versions_and_no_path_of_it() -> None:
    targets = (*targets_of(FILM, MEMORY), *AGAIN.targets)
    document = markdown(
        machine=Machine(processor="A processor", cores=2, memory_gib=24, system="Linux 6.1"),
        versions={REELHOUSE: "0.1.0", FFMPEG: "9.0.2"},
        rounds=3,
        scenes=[FILM],
        memory=MEMORY,
        trials=[AGAIN],
        targets=targets,
    )
    for part in (scene_table(FILM), memory_table(MEMORY), AGAIN.table, target_table(targets), "3 interleaved"):
        assert part in document
    assert "A processor, 2 cores, 24 GiB, Linux 6.1, no GPU. Versions: Reelhouse 0.1.0, ffmpeg 9.0.2." in document
    assert "It was not installed here." in document
    assert str(Path(__file__).parents[3]) not in document


def test_this_machine_is_described() -> None:
    here = Machine.here()
    assert here.cores >= 1
    assert here.memory_gib >= 1
    assert "/" not in here.processor


def test_a_median_is_taken_of_each_measure_by_itself() -> None:
    costs = [Cost(cpu=3, wall=1, memory=20), Cost(cpu=1, wall=9, memory=30), Cost(cpu=2, wall=2, memory=10)]
    assert median_of(costs) == Cost(cpu=2, wall=2, memory=20)


@pytest.mark.parametrize("measured", [None, 0.5])
def test_targets_say_whether_they_are_met(measured: float | None) -> None:
    table = target_table([Target(name="CPU", wanted=0.88, measured=measured)])
    assert table.endswith("| not measured | **no** |" if measured is None else "| 0.50 | yes |")
