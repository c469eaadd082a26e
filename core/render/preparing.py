"""From a timeline's text to something that can be rendered: parsed, checked, gathered, planned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.api import Catalogue, FetchedAsset
from core.host.plugins import Plugins
from core.media.layers.opening import Materials
from core.media.text.credits import font_credits
from core.media.text.fonts import FontLibrary
from core.render.draft import draft_of
from core.render.events import StageStarted
from core.render.gather import NO_LIBRARY, gather
from core.render.stopping import NEVER, Stop
from core.render.store import GatheredStore
from core.timeline.checking import check_timeline
from core.timeline.compiling import compile_plan
from core.timeline.complaints import Complaint, InvalidTimeline
from core.timeline.document import Timeline
from core.timeline.parsing import parse_timeline
from core.timeline.plan import Plan, Probe
from core.timeline.reading import read_timeline
from core.timeline.references import used_contributions

FONTS = "fonts"
GATHERED = "gathered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan with all that its render needs."""

    plan: Plan
    materials: Materials
    assets: Mapping[str, FetchedAsset]


def prepare(
    text: str | bytes,
    *,
    root: Path,
    home: Path,
    host: Plugins,
    probe: Callable[[Path, str], Probe],
    is_draft: bool = False,
    on_event: Callable[[StageStarted], None] = lambda _event: None,
    library: Mapping[str, FetchedAsset] = NO_LIBRARY,
    cancelled: Stop = NEVER,
) -> Prepared:
    """Turn a timeline's text into a plan. ``root`` is the folder that its ``file:`` names are relative to.

    ``library`` holds what its ``asset:`` names stand for.

    Fonts are the bundled ones and those in ``root/fonts``. What providers deliver is kept under ``home``.
    ``probe`` describes a file, given its path and SHA-256 (``Prober.probe`` does so in the cage). Raise
    ``InvalidTimeline`` with every complaint, ``Cancelled`` soon after ``cancelled`` is set.
    """
    root = root.absolute()
    timeline, catalogue = read_checked(text, host)
    size = (timeline.output.width, timeline.output.height)
    if is_draft:
        timeline = draft_of(timeline)
    gathered = gather(
        timeline,
        root=root,
        host=host,
        catalogue=catalogue,
        store=GatheredStore(home / GATHERED),
        probe=probe,
        on_event=on_event,
        library=library,
        cancelled=cancelled,
    )
    plan = compile_plan(timeline, media=gathered.media, cues=gathered.cues, catalogue=catalogue, written_for=size)
    fonts = FontLibrary([root / FONTS] if (root / FONTS).is_dir() else [])
    return Prepared(
        plan=plan,
        materials=Materials(media=gathered.media, catalogue=catalogue, fonts=fonts),
        assets={**gathered.assets, **font_credits(plan, fonts)},
    )


def read_checked(text: str | bytes, host: Plugins) -> tuple[Timeline, Catalogue]:
    """Read a timeline and check it; raise ``InvalidTimeline`` with everything that is wrong, form and meaning."""
    try:
        timeline = parse_timeline(text)
    except InvalidTimeline:
        # What a document of wrong form uses can't be told: with all plugins the rest of it is checked as well.
        read_timeline(text, host.catalogue())
        raise
    return timeline, checked_catalogue(timeline, host)


def checked_catalogue(timeline: Timeline, host: Plugins) -> Catalogue:
    """Return the contributions a timeline uses, once it is checked. Plugins that it does not use are not imported."""
    used = used_contributions(timeline)
    catalogue = host.catalogue(used)
    try:
        check_timeline(timeline, catalogue)
    except InvalidTimeline as err:
        # Names may come from any plugin: with all of them there are suggestions, and reasons for those that are out.
        reasons = tuple(
            Complaint(path="", message=f'"{name}" can\'t be used: {why}', code="unusable")
            for name in sorted(used)
            if (why := host.why_not(name))
        )
        try:
            check_timeline(timeline, host.catalogue())
        except InvalidTimeline as whole:
            raise InvalidTimeline(reasons + whole.complaints) from err
        raise
    return catalogue
