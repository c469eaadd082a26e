"""The sample video is one that can be shown: sound, length, captions and files as they should be."""

import json
from pathlib import Path

import av
import pytest

from core.host.host import PluginHost
from core.media.audio import measure_loudness
from core.render.job import RenderJob, render
from core.render.opening import open_workshop
from core.render.preparing import prepare
from core.render.probing import Prober
from core.render.report import RenderReport

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> RenderReport:
    home = tmp_path_factory.mktemp("home")
    # Half the size of the pictures that are generated, and a draft of the video: the sound is the same.
    text = (EXAMPLES / "sample.json").read_text().replace("duration=7&", "duration=7&width=640&height=360&")
    text = text.replace("duration=5&seed", "duration=5&width=640&height=360&seed")
    with open_workshop(home, owner="tests") as workshop, PluginHost.load(home=home) as host:
        prepared = prepare(
            text, root=EXAMPLES, home=home, host=host, probe=Prober(workshop.station).probe, is_draft=True
        )
        job = RenderJob(
            plan=prepared.plan,
            output=home / f"sample{prepared.plan.output.extension}",
            materials=prepared.materials,
            assets=prepared.assets,
        )
        return render(job, workshop, lambda _event: None)


def test_it_lasts_half_a_minute_and_has_all_its_frames(report: RenderReport) -> None:
    assert 20 <= report.duration <= 40
    with av.open(report.output) as container:
        assert sum(1 for _ in container.decode(video=0)) == report.frames
        assert {stream.type for stream in container.streams} == {"video", "audio", "subtitle"}


def test_it_is_as_loud_as_the_web_expects(report: RenderReport) -> None:
    loudness = measure_loudness(Path(report.output))
    assert loudness.integrated == pytest.approx(-14, abs=1)
    assert loudness.true_peak is not None
    assert loudness.true_peak <= -1


def test_it_has_no_complaints_of_its_own(report: RenderReport) -> None:
    assert report.notes == ()


def test_captions_credits_and_poster_lie_beside_it(report: RenderReport) -> None:
    names = {Path(path).name for path in report.files}
    assert names == {"sample.mp4", "sample.poster.jpg", "sample.en.srt", "sample.en.vtt", "sample.rights.json"}
    rights = json.loads(Path(report.output).with_name("sample.rights.json").read_text())
    assert {entry["licence"] for entry in rights} == {"CC0-1.0"}
