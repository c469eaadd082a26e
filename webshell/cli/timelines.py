"""The commands that work on a timeline: render, check, frame, schema; and probe, for a media file."""

import json
import shutil
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.api import InvalidInput
from core.host.home import home_folder
from core.host.host import PluginHost
from core.render.job import RenderJob, render_and_tell
from core.render.opening import open_workshop
from core.render.preparing import prepare, read_checked
from core.render.probing import Prober
from core.render.publishing import publish
from core.render.schedule import Scheduler
from core.render.store import sha256_of
from core.render.writing import writing
from core.timeline.schema import timeline_schema
from webshell.cli.progress import RenderDisplay, clock
from webshell.cli.signals import stopped_by_signals

app = typer.Typer()

TimelineFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A timeline document.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

OWNER = "local"
"""Whose the pieces are that a person renders at the terminal."""

console = Console()


@app.command("render")
def render_timeline(
    timeline: TimelineFile,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Render small and fast.")] = False,
    part: Annotated[str | None, typer.Option("--range", metavar="A:B", help="Render the seconds A to B alone.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write what was done, and its cost, to this JSON file.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Render a timeline to a video."""
    home = home_folder()
    with (
        stopped_by_signals() as stop,
        RenderDisplay(console, is_quiet=as_json) as display,
        open_workshop(home, owner=OWNER) as workshop,
        PluginHost.load(home=home) as host,
    ):
        prepared = prepare(
            timeline.read_bytes(),
            root=timeline.parent,
            home=home,
            host=host,
            probe=Prober(workshop.station, cancelled=stop).probe,
            is_draft=draft,
            on_event=display.show,
            cancelled=stop,
        )
        job = RenderJob(
            plan=prepared.plan,
            output=output or home / "videos" / f"{timeline.stem}{prepared.plan.output.extension}",
            materials=prepared.materials,
            assets=prepared.assets,
            part=parse_part(part) if part else None,
        )
        done = render_and_tell(job, workshop, host, display.show, cancelled=stop)
    if report:
        with writing(report):
            report.write_text(done.to_json() + "\n", encoding="utf-8")
    if as_json:
        print(done.to_json())  # noqa: T201 - Rich would wrap it
        return
    speed = done.frames / done.seconds if done.seconds else 0
    console.print(
        f"[bold green]Done[/] in {clock(done.seconds)}: {done.frames} frames, {speed:.0f} a second"
        + (f", {done.loudness:.1f} LUFS" if done.loudness is not None else "")
    )
    for note in done.notes:
        console.print(f"  [yellow]Note[/] {note}", soft_wrap=True, highlight=False)
    for path in done.files:
        console.print(f"  {path}", soft_wrap=True, highlight=False)


def parse_part(text: str) -> tuple[Fraction, Fraction]:
    """Read ``A:B``, seconds; raise ``InvalidInput`` unless 0 ≤ A < B."""
    try:
        start, end = (Fraction(part) for part in text.split(":"))
    except ValueError as err:
        raise InvalidInput(f'"{text}" is no range', path="--range", hint="write it as 2.5:8") from err
    if not 0 <= start < end:
        raise InvalidInput(f'"{text}" is an empty range', path="--range", hint="write it as 2.5:8")
    return start, end


@app.command("check")
def check(timeline: TimelineFile, as_json: JsonFlag = False) -> None:
    """Say everything that is wrong with a timeline; exit with 2 if there is anything."""
    read_checked(timeline.read_bytes(), PluginHost.load(home=home_folder()))
    if as_json:
        print(json.dumps({"complaints": []}))  # noqa: T201
    else:
        console.print(f"[bold green]Good[/]: {timeline} has no errors")


@app.command("frame")
def frame(
    timeline: TimelineFile,
    at: Annotated[str, typer.Option(metavar="T", help="The second to show.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The PNG to write.")],
    as_json: JsonFlag = False,
) -> None:
    """Draw one frame of a timeline to a PNG."""
    try:
        time = Fraction(at)
    except ValueError as err:
        raise InvalidInput(f'"{at}" is no time', path="--at", hint="write seconds, like 2.5") from err
    home = home_folder()
    with (
        stopped_by_signals() as stop,
        open_workshop(home, owner=OWNER) as workshop,
        PluginHost.load(home=home) as host,
    ):
        prepared = prepare(
            timeline.read_bytes(),
            root=timeline.parent,
            home=home,
            host=host,
            probe=Prober(workshop.station, cancelled=stop).probe,
            cancelled=stop,
        )
        if not 0 <= time < prepared.plan.duration:
            raise InvalidInput(f"the video is {float(prepared.plan.duration):g} s long", path="--at")
        number = int(time * prepared.plan.fps)
        still = Scheduler(prepared.materials).still(prepared.plan, number, is_png=True)
        kept = workshop.station.kept(still.key, still, cancelled=stop)
        made = workshop.station.folder / kept.name
        with writing(made):
            shutil.copyfile(kept, made)
        publish(made, output)
    if as_json:
        print(json.dumps({"output": str(output), "frame": number}))  # noqa: T201
    else:
        console.print(f"Frame {number} is in {output}", soft_wrap=True)


@app.command("probe")
def probe_media(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A video, picture or sound.")],
    as_json: JsonFlag = False,
) -> None:
    """Say what a media file is."""
    with stopped_by_signals() as stop, open_workshop(home_folder(), owner=OWNER) as workshop:
        prober, content = Prober(workshop.station, cancelled=stop), sha256_of(file, cancelled=stop)
        found = prober.probe(file, content)
        facts = {name: value for name, value in asdict(found).items() if value not in (None, "", 0)}
        if found.has_audio:
            loudness = prober.loudness(file, content)
            measured = {"loudness": loudness.integrated, "true_peak": loudness.true_peak}
            facts |= {name: round(level, 1) for name, level in measured.items() if level is not None}
    if as_json:
        print(json.dumps({name: _plain(value) for name, value in facts.items()}, indent=2))  # noqa: T201
        return
    table = Table(show_header=False, box=None)
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), str(_plain(value)))
    console.print(table)


def _plain(value: object) -> object:
    return round(float(value), 6) if isinstance(value, Fraction) else value


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of timelines."""
    print(json.dumps(timeline_schema(), indent=2))  # noqa: T201 - for a file or another program
