"""What lies beside a video: poster, storyboard, credits and the rights manifest."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import ceil
from pathlib import Path

from PIL import Image

from core.api import FetchedAsset
from core.media.compositor import Compositor
from core.media.frames import Converter
from core.media.layers.opening import Materials
from core.render.strips import read_strip, thumbnail_frames, thumbnail_size
from core.render.work import Still, Storyboard
from core.render.writing import write_picture, write_whole
from core.timeline.plan import Plan

STILL_QUALITY = 90
THUMBNAILS_MOST = 100
THUMBNAILS_ACROSS = 10
THUMBNAIL_QUALITY = 80


def draw_still(still: Still, materials: Materials, folder: Path) -> None:
    """Draw one frame of a plan."""
    compositor = Compositor(still.plan, materials)
    try:
        if still.is_png:
            picture = compositor.rgba_frame(still.frame).to_ndarray()
        else:
            picture = Converter().frame_to_rgb(compositor.frame(still.frame))
    finally:
        compositor.close()
    form = "PNG" if still.is_png else "JPEG"
    write_picture(Image.fromarray(picture), folder / still.key, form, quality=STILL_QUALITY)


def write_storyboard(board: Storyboard, sheet: Path, index: Path) -> None:
    """Write one sprite of all thumbnails and a WebVTT file that says where each lies (media fragments, xywh).

    ``sheet`` is the name that the index calls the sprite by; both are written beside each other.
    """
    plan, first = board.plan, board.first
    known = {
        strip.first + number: picture
        for strip in board.strips
        for number, picture in zip(
            thumbnail_frames(plan, strip.frames), read_strip(strip.path, plan, strip.frames), strict=True
        )
    }
    frames = sorted(known)
    count = min(THUMBNAILS_MOST, len(frames))
    wanted = [first + (board.end - first) * place // count for place in range(count)]
    shown = list(dict.fromkeys(frames[bisect_right(frames, frame) - 1] for frame in wanted))
    width, height = thumbnail_size(plan)
    sprite = Image.new(
        "RGB", (width * min(THUMBNAILS_ACROSS, len(shown)), height * ceil(len(shown) / THUMBNAILS_ACROSS))
    )
    lines = ["WEBVTT", ""]
    for place, (frame, end) in enumerate(pairwise((*shown, board.end))):
        x, y = place % THUMBNAILS_ACROSS * width, place // THUMBNAILS_ACROSS * height
        sprite.paste(Image.fromarray(known[frame]), (x, y))
        lines += [
            f"{_clock(frame - first, plan)} --> {_clock(end - first, plan)}",
            f"{board.name}#xywh={x},{y},{width},{height}",
            "",
        ]
    write_picture(sprite, sheet, "JPEG", quality=THUMBNAIL_QUALITY)
    index.write_text("\n".join(lines))


def _clock(frame: int, plan: Plan) -> str:
    milliseconds = round(frame * 1000 / plan.fps)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def write_rights(assets: Mapping[str, FetchedAsset], stem: Path) -> Iterator[Path]:
    """Write the credits to show and the manifest of all licences, for the assets that came from providers.

    Each is written whole or not at all. Raise ``MediaError`` naming the one that can't be written.
    """
    if not assets:
        return
    manifest = [
        {
            "src": src,
            "kind": asset.kind.value,
            "title": asset.title,
            "creator": asset.creator,
            "source": asset.source_url,
            "licence": asset.licence.id,
            "licence_url": asset.licence.url,
            "attribution": asset.licence.attribution,
            "flags": sorted(asset.licence.flags),
            "provenance": asset.extra,
        }
        for src, asset in assets.items()
    ]
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    yield write_whole(stem.with_name(f"{stem.name}.rights.json"), f"{text}\n")
    credit_lines = dict.fromkeys(asset.licence.attribution for asset in assets.values() if asset.licence.attribution)
    if credit_lines:
        yield write_whole(stem.with_name(f"{stem.name}.credits.txt"), "\n".join((*credit_lines, "")))
