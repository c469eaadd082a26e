"""Errors are shown with what helps: the hint, the worker's log, the last good frame."""

from pathlib import Path

import pytest

from core.render.failures import SegmentFailed
from webshell.cli.errors import error_facts, show_error


@pytest.fixture
def failure() -> SegmentFailed:
    error = SegmentFailed(
        "tracks[0].clips[2]: seconds 4.00 to 6.00 could not be rendered in 3 tries: the job crashed",
        clips=("tracks[0].clips[2]",),
        log="x264: out of luck\n",
        hint="try again",
    )
    error.last_frame = Path("/kept/frame")
    return error


def test_people_see_log_and_last_frame(failure: SegmentFailed, capsys: pytest.CaptureFixture[str]) -> None:
    show_error(failure, as_json=False)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        f"Error: {failure}\nHint: try again\nLast good frame: /kept/frame\n"
        "The worker's log ends with\nx264: out of luck\n"
    )


def test_programs_get_the_same(failure: SegmentFailed) -> None:
    assert error_facts(failure) == {
        "code": "segment_failed",
        "message": str(failure),
        "hint": "try again",
        "last_frame": "/kept/frame",
        "log": "x264: out of luck\n",
    }
