"""What is shown of a render's progress."""

import pytest

from core.render.events import Progressed
from webshell.cli.progress import progress_line


@pytest.mark.parametrize(
    ("event", "line"),
    [
        pytest.param(
            Progressed(done=30, frames=90, segments_done=1, segments=3, fps=15.2, left=61.6),
            "segment 2/3 · 15 fps · 1:02 left",
            id="in the midst",
        ),
        pytest.param(
            Progressed(done=90, frames=90, segments_done=3, segments=3, fps=15, left=0),
            "segment 3/3 · 15 fps · 0:00 left",
            id="at the end",
        ),
        pytest.param(
            Progressed(done=0, frames=90, segments_done=0, segments=3, fps=0, left=None),
            "segment 1/3 · 0 fps",
            id="nobody knows yet",
        ),
        pytest.param(
            Progressed(done=0, frames=0, segments_done=0, segments=0, fps=0, left=0), "", id="a sound, without frames"
        ),
    ],
)
def test_the_line_says_which_segment_how_fast_and_how_long(event: Progressed, line: str) -> None:
    assert progress_line(event) == line
