"""Whole renders for tests, through the real plugins, as the command line does them."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.host.host import PluginHost
from core.render.job import RenderJob, render_and_tell
from core.render.opening import open_workshop
from core.render.preparing import prepare
from core.render.probing import Prober
from core.render.report import RenderReport


def render_document(
    document: dict[str, Any],
    folder: Path,
    *,
    name: str = "out",
    part: tuple[Fraction, Fraction] | None = None,
) -> RenderReport:
    """Render a timeline whose files lie in ``folder``; what is written lies in ``folder/out``."""
    home = folder / "home"
    with open_workshop(home, owner="tests") as workshop, PluginHost.load(home=home) as host:
        prepared = prepare(
            json.dumps(document), root=folder, home=home, host=host, probe=Prober(workshop.station).probe
        )
        job = RenderJob(
            plan=prepared.plan,
            output=folder / "out" / f"{name}{prepared.plan.output.extension}",
            materials=prepared.materials,
            assets=prepared.assets,
            part=part,
        )
        return render_and_tell(job, workshop, host, lambda _event: None)
