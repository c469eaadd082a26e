"""Stills: one frame of a timeline, as its video will show it."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from core.api import FetchedAsset, InvalidInput
from core.host.plugins import Plugins
from core.render.opening import open_workshop
from core.render.schedule import Scheduler
from tenants.quotas.entitlements import entitlement_of
from tenants.studio.preparing import bring_library, prepare_for
from tenants.studio.projects import check_document
from tenants.studio.requesting import check_for
from tenants.studio.services import Studio
from tenants.studio.working import in_thread, work_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A frame: a PNG, its number from 0 and when it is shown, in seconds."""

    png: bytes
    frame: int
    at: float


async def draw_still(
    at: Studio, tenant: UUID, document: Mapping[str, Any], moment: float, *, is_draft: bool, actor: str
) -> Still:
    """Draw the frame that is shown at ``moment`` (seconds), of a draft at most 360 pixels high.

    Raise ``InvalidTimeline`` with every complaint, ``InvalidInput`` for a moment outside the video,
    ``PictureTooLarge``, ``AccessLapsed``.
    """
    check_document(document)
    timeline = await check_for(at, tenant, document, actor=actor)
    entitlement = await entitlement_of(tenant, now=at.clock())
    entitlement.require_full()
    entitlement.limits.check_picture(timeline.output.width, timeline.output.height)
    text = json.dumps(dict(document))
    async with at.drawing, await at.plugin_sets.view(tenant, actor=actor) as view:
        with work_folder(at, tenant, uuid4()) as folder:
            library = await bring_library(at, tenant, text, view, folder)
            return await in_thread(partial(_draw, at, tenant, text, view, library, folder, moment, is_draft))


def _draw(
    at: Studio,
    tenant: UUID,
    text: str,
    view: Plugins,
    library: Mapping[str, FetchedAsset],
    folder: Path,
    moment: float,
    is_draft: bool,
    stop: threading.Event,
) -> Still:
    with open_workshop(at.home, owner=str(tenant), workers=1) as workshop:
        prepared = prepare_for(at, tenant, text, workshop, view, library, folder, stop, is_draft=is_draft)
        plan = prepared.plan
        time = Fraction(moment).limit_denominator(1_000_000)
        if not 0 <= time < plan.duration:
            raise InvalidInput(f"the video is {float(plan.duration):g} s long", path="at")
        number = int(time * plan.fps)
        still = Scheduler(prepared.materials).still(plan, number, is_png=True)
        png = workshop.station.kept(still.key, still, cancelled=stop).read_bytes()
        return Still(png=png, frame=number, at=float(number / plan.fps))
